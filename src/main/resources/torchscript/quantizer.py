# Makes codes and scales of matrices, as TorchScript source.
#
#   x [rows, in] in the model's type, some rows of a matrix at a time; a multiple of 64 unless they are the last
#   self.type     what the model computes in; scales that libtorch's kernels read are of this type
#   self.block    values in a block of the four-bit formats
#   self.group    columns in a group of int4

def largest_of_blocks(self, x: Tensor) -> List[Tensor]:
  # x in float32 [blocks, block], filled up with zeros, and the largest absolute value of each block.
  flat = x.to(6).reshape([-1])
  rest = flat.numel() % self.block
  if rest > 0:
    flat = torch.cat([flat, torch.zeros([self.block - rest], device=x.device)], 0)
  blocks = flat.reshape([-1, self.block])
  return [blocks, torch.amax(torch.abs(blocks), [1])]

def normalized(self, blocks: Tensor, largest: Tensor) -> Tensor:
  # Times 1 / largest, not divided: so bitsandbytes rounds. A block of zeros stays zero.
  factor = torch.where(largest > 0.0, torch.reciprocal(largest), torch.zeros_like(largest))
  return blocks * factor.unsqueeze(1)

def packed(self, codes: Tensor, x: Tensor) -> Tensor:
  # Two codes in a byte, the first in its upper half.
  pairs = codes.reshape([-1])[:x.numel()].to(0).reshape([-1, 2])
  return torch.bitwise_or(torch.bitwise_left_shift(pairs[:, 0], 4), pairs[:, 1]).reshape([x.size(0), x.size(1) // 2])

def nf4(self, x: Tensor, pivots: Tensor) -> List[Tensor]:
  # dQuantizeNF4: the number of pivots below a value is its code.
  b = self.largest_of_blocks(x)
  return [self.packed(torch.bucketize(self.normalized(b[0], b[1]), pivots, out_int32=True), x), b[1]]

def fp4(self, x: Tensor, pivots: Tensor) -> List[Tensor]:
  # dQuantizeFP4: the sign is the highest bit; magnitudes in ascending order have these codes.
  b = self.largest_of_blocks(x)
  y = self.normalized(b[0], b[1])
  of_rank = torch.tensor([0, 1, 6, 7, 4, 5, 2, 3], dtype=3, device=x.device)
  rank = torch.bucketize(torch.abs(y), pivots, out_int32=True)
  codes = torch.index_select(of_rank, 0, rank.reshape([-1])).reshape(rank.size()) + (y < 0.0).to(3) * 8
  return [self.packed(codes, x), b[1]]

def scales_in_eight_bits(self, scales: Tensor, map: Tensor) -> List[Tensor]:
  # quantize_4bit's compress_statistics: scales minus their mean, in blocks of 256, to the nearest value of the map.
  offset = torch.mean(scales)
  rest = scales - offset
  n = rest.numel()
  padding = (256 - n % 256) % 256
  blocks = torch.cat([rest, torch.zeros([padding], device=rest.device)], 0).reshape([-1, 256])
  largest = torch.amax(torch.abs(blocks), [1])
  middles = (torch.narrow(map, 0, 0, 255) + torch.narrow(map, 0, 1, 255)) * 0.5
  codes = torch.bucketize(self.normalized(blocks, largest), middles, out_int32=True)
  return [codes.reshape([-1])[:n].to(0), largest, offset.reshape([1])]

def int8(self, x: Tensor) -> List[Tensor]:
  # Codes for the scale as it will be stored, so that its rounding does not add to theirs.
  y = x.to(6)
  scales = (torch.amax(torch.abs(y), [1]) * (1.0 / 127.0)).to(self.type)
  divisor = scales.to(6).unsqueeze(1)
  divisor = torch.where(divisor > 0.0, divisor, torch.ones_like(divisor))
  return [torch.clamp(torch.round(y / divisor), -127, 127).to(1), scales]

def llm_int8(self, x: Tensor) -> List[Tensor]:
  # int8_vectorwise_quant of the weight in float16: round(w * (127 / largest)).
  y = x.to(5).to(6)
  largest = torch.amax(torch.abs(y), [1])
  factor = torch.where(largest > 0.0, 127.0 / largest, torch.zeros_like(largest))
  return [torch.round(y * factor.unsqueeze(1)).to(1), largest]

def int4(self, x: Tensor) -> List[Tensor]:
  # value = (code - 8) * scale + zero. Codes [rows, in] in int32, scales and zeros [in / group, rows, 2]
  y = x.to(6).reshape([x.size(0), -1, self.group])
  lowest = torch.amin(y, [2], True)
  scale = ((torch.amax(y, [2], True) - lowest) / 15.0).to(self.type).to(6)
  scale = torch.where(scale > 0.0, scale, torch.ones_like(scale))
  zero = (lowest + scale * 8.0).to(self.type).to(6)
  codes = torch.clamp(torch.round((y - zero) / scale) + 8.0, 0, 15)
  scales = torch.transpose(torch.cat([scale, zero], 2), 0, 1).contiguous().to(self.type)
  return [codes.reshape(x.size()).to(3), scales]

def packed_int4(self, codes: Tensor) -> Tensor:
  # As libtorch's kernels for this processor want them; on a GPU, sixteen rows column by column, two of them in a byte.
  if codes.is_cuda:
    both = torch.transpose(codes.reshape([-1, 16, codes.size(1)]), 1, 2).to(0).reshape([-1, 2])
    y = torch.bitwise_or(both[:, 0], torch.bitwise_left_shift(both[:, 1], 4)).reshape([codes.size(0), codes.size(1) // 2])
  else:
    y = torch._convert_weight_to_int4pack_for_cpu(codes, 1)
  return y

def rows_in_group(self, like: Tensor) -> Tensor:
  # How many rows go together: of two columns, zeros and fifteens, the second follows when the first is through for all of them.
  codes = (torch.arange(2, dtype=3, device=like.device) * 15).unsqueeze(0).expand([64, 2]).contiguous()
  return torch.argmax((self.packed_int4(codes).reshape([-1]) > 0).to(4)).reshape([1]) * 2

def place_in_group(self, rows: Tensor) -> Tensor:
  # Where each of so many rows, at most a group, stands in what packed_int4 makes of them, in half bytes.
  n = rows.size(0)
  number = torch.arange(n, dtype=3, device=rows.device).unsqueeze(1).expand([n, 2])
  low = self.packed_int4(torch.bitwise_and(number, 15).contiguous()).reshape([2, -1])[0].to(4)
  high = self.packed_int4(torch.bitwise_right_shift(number, 4).contiguous()).reshape([2, -1])[0].to(4)
  first = torch.bitwise_and(low, 15) + torch.bitwise_and(high, 15) * 16
  second = torch.bitwise_right_shift(low, 4) + torch.bitwise_right_shift(high, 4) * 16
  return torch.argsort(torch.stack([first, second], 1).reshape([-1]))

def joined(self, parts: List[Tensor]) -> Tensor:
  return torch.cat(parts, 0)
