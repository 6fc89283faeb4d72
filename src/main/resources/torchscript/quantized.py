# Matrices in fewer bits, as TorchScript source behind decoder.py: a function here replaces the decoder's of the same name.
#
#   w   WEIGHT_PARTS lists one behind the other, each with a place for every site: the codes (or the weight as it is, where there are no
#       scales), W_SCALES and so on; docs/quantization.md says what stands where for each scheme
#   self.weight_compute   the type that matrices are multiplied in

def linear(self, x: Tensor, w: List[Tensor], site: int) -> Tensor:
  # x wT of one site. Few rows take a kernel that reads codes, many a matrix made for the occasion.
  n = len(w) // WEIGHT_PARTS
  codes = w[site]
  scales = w[n * W_SCALES + site]
  if scales.numel() == 0:
    y = torch.linear(x, codes)
  elif codes.dtype == 1:
    if self.outlier_aware:
      y = self.linear_llm_int8(x, codes, scales)
    else:
      y = self.linear_int8(x, codes, scales)
  elif self.int4_group > 0:
    y = self.linear_int4(x, w, site)
  else:
    y = torch.linear(x.to(self.weight_compute), self.dequantize(w, site)).to(x.dtype)
  return y

def java_products(self, x: Tensor, w: List[Tensor], sites: List[int], ad: List[Tensor], ai: List[int]) -> List[Tensor]:
  # Layers that share their input are all of one kind. docs/decisions/quantized-kernels.md has the numbers.
  n = len(w) // WEIGHT_PARTS
  codes = w[sites[0]]
  y: List[Tensor] = []
  if w[n * W_SCALES + sites[0]].numel() == 0:
    y = self.java_products_of_bfloat16(x, w, sites, ad, ai)
  else:
    x = x.contiguous()
    if not self.packed_kernels:
      for i in range(len(sites)):
        y.append(self.linear(x, w, sites[i]))
    elif codes.dtype == 1:
      y = self.java_int8(x, w, n, sites)
    elif self.int4_group > 0:
      y = self.java_int4(x, w, n, sites)
    else:
      y = self.java_table(x, w, n, sites)
    if len(ad) > 0:
      for i in range(len(sites)):
        y[i] = self.adapt(y[i], x, sites[i], ad, ai)
  return y

def java_int8(self, x: Tensor, w: List[Tensor], n: int, sites: List[int]) -> List[Tensor]:
  a = sites[0]
  b = sites[len(sites) // 2]
  c = sites[-1]
  s = n * W_SCALES
  if len(sites) == 1:
    y = [ops.lorikeet.int8_linear_1(x, w[a], w[s + a])]
  elif len(sites) == 2:
    y0, y1 = ops.lorikeet.int8_linear_2(x, w[a], w[s + a], w[c], w[s + c])
    y = [y0, y1]
  else:
    y0, y1, y2 = ops.lorikeet.int8_linear_3(x, w[a], w[s + a], w[b], w[s + b], w[c], w[s + c])
    y = [y0, y1, y2]
  return y

def java_int4(self, x: Tensor, w: List[Tensor], n: int, sites: List[int]) -> List[Tensor]:
  a = sites[0]
  b = sites[len(sites) // 2]
  c = sites[-1]
  s = n * W_SCALES
  g = self.int4_group
  if len(sites) == 1:
    y = [ops.lorikeet.int4_linear_1(x, g, w[a], w[s + a])]
  elif len(sites) == 2:
    y0, y1 = ops.lorikeet.int4_linear_2(x, g, w[a], w[s + a], w[c], w[s + c])
    y = [y0, y1]
  else:
    y0, y1, y2 = ops.lorikeet.int4_linear_3(x, g, w[a], w[s + a], w[b], w[s + b], w[c], w[s + c])
    y = [y0, y1, y2]
  return y

def java_table(self, x: Tensor, w: List[Tensor], n: int, sites: List[int]) -> List[Tensor]:
  a = sites[0]
  b = sites[len(sites) // 2]
  c = sites[-1]
  s = n * W_SCALES
  l = n * W_NESTED_SCALES
  m = n * W_NESTED_MAP
  o = n * W_NESTED_OFFSET
  t = w[n * W_TABLE + a]
  k = self.block
  if len(sites) == 1:
    y = [ops.lorikeet.table_linear_1(x, t, k, w[a], w[s + a], w[l + a], w[m + a], w[o + a])]
  elif len(sites) == 2:
    y0, y1 = ops.lorikeet.table_linear_2(x, t, k, w[a], w[s + a], w[l + a], w[m + a], w[o + a], w[c], w[s + c], w[l + c], w[m + c], w[o + c])
    y = [y0, y1]
  else:
    y0, y1, y2 = ops.lorikeet.table_linear_3(x, t, k, w[a], w[s + a], w[l + a], w[m + a], w[o + a], w[b], w[s + b], w[l + b], w[m + b], w[o + b], w[c], w[s + c], w[l + c], w[m + c], w[o + c])
    y = [y0, y1, y2]
  return y

def dequantize(self, w: List[Tensor], site: int) -> Tensor:
  # The matrix of a site, [out, in], in the type to multiply in; a weight that is not quantised as it is.
  n = len(w) // WEIGHT_PARTS
  codes = w[site]
  scales = w[n * W_SCALES + site]
  if scales.numel() == 0:
    y = codes
  elif codes.dtype == 1:
    if self.outlier_aware:
      y = (codes.to(6) * (scales * (1.0 / 127.0)).unsqueeze(1)).to(self.weight_compute)
    elif self.java_dequantizer:
      y = ops.lorikeet.int8_matrix(codes, scales)
    else:
      y = codes.to(self.weight_compute) * scales.unsqueeze(1)
  elif self.int4_group > 0:
    if self.java_dequantizer and codes.size(0) % self.int4_block == 0:
      y = torch.transpose(ops.lorikeet.int4_matrix(self.int4_group, codes, scales), 0, 1)
    else:
      y = self.dequantize_int4(codes, scales, w[n * W_TABLE + site])
  elif self.java_dequantizer and codes.size(1) * 2 % self.block == 0:
    y = ops.lorikeet.table_matrix(w[n * W_TABLE + site], self.block, self.weight_compute != 15, codes, scales, w[n * W_NESTED_SCALES + site], w[n * W_NESTED_MAP + site], w[n * W_NESTED_OFFSET + site]).to(self.weight_compute)
  else:
    y = self.dequantize_blocks(codes, self.block_scales(w, n, site), w[n * W_TABLE + site])
  return y

def dequantize_one(self, w: List[Tensor]) -> Tensor:
  return self.dequantize(w, 0)

def block_scales(self, w: List[Tensor], n: int, site: int) -> Tensor:
  # The largest absolute value of each block, in float32; under double quantisation: map[code] * largest + mean.
  scales = w[n * W_SCALES + site]
  if scales.dtype == 0:
    largest = w[n * W_NESTED_SCALES + site].unsqueeze(1).expand([-1, 256]).reshape([-1])[:scales.numel()]
    scales = torch.index_select(w[n * W_NESTED_MAP + site], 0, scales.to(3)) * largest + w[n * W_NESTED_OFFSET + site]
  return scales

def dequantize_blocks(self, codes: Tensor, scales: Tensor, table: Tensor) -> Tensor:
  # codes [out, in / 2], the first of two values in the upper half of a byte; table [256, 2]: the two values of a byte. As in bitsandbytes,
  # a value times its block's scale is rounded once; blocks run on over the ends of rows.
  values = torch.embedding(table, codes.reshape([-1]).to(3)).reshape([-1])
  whole = values.numel() // self.block * self.block
  y = (values[:whole].reshape([-1, self.block]) * scales[:whole // self.block].unsqueeze(1)).reshape([-1])
  if whole < values.numel():
    y = torch.cat([y, values[whole:] * scales[whole // self.block:]], 0)
  return y.to(self.weight_compute).reshape([codes.size(0), codes.size(1) * 2])

def linear_int8(self, x: Tensor, codes: Tensor, scales: Tensor) -> Tensor:
  # The packed kernel reads sixteen columns at a time.
  if x.size(0) <= INT8_ROWS and codes.size(1) % 16 == 0 and not x.is_cuda:
    y = torch._weight_int8pack_mm(x.contiguous(), codes, scales)
  elif self.java_dequantizer:
    y = torch.linear(x, ops.lorikeet.int8_matrix(codes, scales[:0])) * scales
  else:
    y = torch.linear(x, codes.to(x.dtype)) * scales
  return y

def linear_llm_int8(self, x: Tensor, codes: Tensor, scales: Tensor) -> Tensor:
  # Dettmers et al., 2022, for each row by itself, so that a row's numbers do not depend on its company.
  # A row's outliers are multiplied in x's type; what is left in eight bits: round(127 x / largest) codesT.
  h = x.to(5)
  outliers = torch.abs(h) >= self.threshold
  if self.threshold == 0.0:
    outliers = torch.zeros_like(outliers)
  kept = torch.masked_fill(h, outliers, 0.0).to(6)
  largest = torch.amax(torch.abs(kept), [1], True)
  q = torch.round(kept * torch.where(largest > 0.0, 127.0 / largest, torch.zeros_like(largest)))
  if codes.size(1) % 16 == 0 and x.size(0) <= INT8_ROWS and not x.is_cuda:
    sums = torch._weight_int8pack_mm(q, codes, scales)
  else:
    sums = torch.linear(q, codes.to(6)) * scales
  y = (sums * (largest * (1.0 / 16129.0))).to(x.dtype)
  columns = torch.nonzero(torch.any(outliers, 0)).reshape([-1])
  if columns.numel() > 0:
    whole = (torch.index_select(codes, 1, columns).to(6) * (scales * (1.0 / 127.0)).unsqueeze(1)).to(x.dtype)
    y = y + torch.linear(torch.index_select(torch.where(outliers, x, torch.zeros_like(x)), 1, columns), whole)
  return y

def linear_int4(self, x: Tensor, w: List[Tensor], site: int) -> Tensor:
  if x.size(0) <= INT4_ROWS and not x.is_cuda:
    y = torch._weight_int4pack_mm_for_cpu(x.contiguous(), w[site], self.int4_group, w[len(w) // WEIGHT_PARTS * W_SCALES + site])
  else:
    y = torch.linear(x, self.dequantize(w, site))
  return y

def dequantize_int4(self, codes: Tensor, scales: Tensor, order: Tensor) -> Tensor:
  # codes as libtorch packs them for this processor: rows go in groups of int4_block, a row's place in its group is order[row]; what is
  # left of the rows is packed in an order of its own. scales [in / group, out, 2]: scale and zero point
  columns = codes.size(1) * 2
  whole = codes.size(0) // self.int4_block
  flat = codes.reshape([-1])
  parts: List[Tensor] = []
  if whole > 0:
    parts.append(self.unpacked(flat[:whole * self.int4_block * columns // 2], whole, columns, order[:self.int4_block]))
  if whole * self.int4_block < codes.size(0):
    parts.append(self.unpacked(flat[whole * self.int4_block * columns // 2:], 1, columns, order[self.int4_block:]))
  q = torch.cat(parts, 0).reshape([codes.size(0), columns // self.int4_group, self.int4_group]).to(6) - 8.0
  s = torch.transpose(scales, 0, 1).to(6)
  return (q * s[:, :, 0:1] + s[:, :, 1:2]).reshape([codes.size(0), columns]).to(self.weight_compute)

def unpacked(self, bytes: Tensor, groups: int, columns: int, order: Tensor) -> Tensor:
  # [groups * rows, columns], of codes of groups of rows: for each column the rows of the group, two in a byte, the lower half first.
  b = bytes.reshape([groups, columns, -1])
  both = torch.stack([torch.bitwise_and(b, 15), torch.bitwise_right_shift(b, 4)], -1).reshape([groups, columns, -1])
  return torch.transpose(torch.index_select(both, 2, order), 1, 2).reshape([-1, columns])
