def linear(self, x: Tensor, w: Tensor) -> List[Tensor]:
  # Java, libtorch in float32 on the same rounded numbers.
  a = x.to(15)
  b = w.to(15)
  return [ops.lorikeet.linear_1(a, b).to(6), torch.linear(a.to(6), b.to(6))]

def linear_of_first(self, x: Tensor, w: Tensor, rows: int) -> Tensor:
  return ops.lorikeet.linear_1(x[:rows].to(15).contiguous(), w.to(15)).to(6)

def shifted(self, x: Tensor, by: int) -> Tensor:
  # The same numbers in bfloat16, beginning `by` elements behind an aligned address.
  memory = torch.zeros([by + x.numel()], dtype=15)
  y = memory[by:].reshape(x.size())
  y.copy_(x)
  return y

def linear_where(self, x: Tensor, w: Tensor, by: int) -> List[Tensor]:
  a = x.to(15)
  return [ops.lorikeet.linear_1(a, self.shifted(w, by)).to(6), torch.linear(a.to(6), w.to(15).to(6))]

def linears(self, x: Tensor, u: Tensor, v: Tensor, w: Tensor) -> List[Tensor]:
  # Layers that share their input: what each gives alone, together in twos, together in threes.
  x = x.to(15)
  u = u.to(15)
  v = v.to(15)
  w = w.to(15)
  alone = torch.cat([ops.lorikeet.linear_1(x, u), ops.lorikeet.linear_1(x, v), ops.lorikeet.linear_1(x, w)], 1)
  a, b = ops.lorikeet.linear_2(x, u, v)
  c, d = ops.lorikeet.linear_2(x, v, w)
  e, f, g = ops.lorikeet.linear_3(x, u, v, w)
  return [alone.to(6), torch.cat([a, b, d], 1).to(6), torch.cat([e, f, g], 1).to(6), torch.cat([a, c, d], 1).to(6)]

def lora_reference(self, x: Tensor, w: Tensor, a: Tensor, b: Tensor, mask: Tensor) -> List[Tensor]:
  # libtorch in float32, and how far rounding each inner product, x wT and the result can move it
  x = x.to(15).to(6)
  inner = torch.linear(x, a.to(15).to(6)) * mask.to(15).to(6)
  base = torch.linear(x, w.to(15).to(6))
  matrix = b.to(15).to(6)
  y = base + torch.matmul(inner, matrix)
  bound = (torch.matmul(torch.abs(inner), torch.abs(matrix)) + torch.abs(base) + torch.abs(y)) / 256.0 + 0.0001
  return [y, bound]

def lora(self, x: Tensor, w: Tensor, a: Tensor, b: Tensor, mask: Tensor) -> List[Tensor]:
  # In one call; as an addition; libtorch in float32; without an adapter; the bound of their distance.
  h = x.to(15)
  y = ops.lorikeet.linear_1(h, w.to(15))
  one = ops.lorikeet.lora_1(h, w.to(15), a.to(15), b.to(15), mask.to(15))
  two = ops.lorikeet.add_lora(torch.clone(y), h, a.to(15), b.to(15), mask.to(15))
  reference = self.lora_reference(x, w, a, b, mask)
  return [one.to(6), two.to(6), reference[0], y.to(6), reference[1]]

def loras(self, x: Tensor, u: Tensor, v: Tensor, a: Tensor, b: Tensor, mask: Tensor) -> List[Tensor]:
  # An adapter on the first and the last of layers that share their input, and none on the middle one; each alone.
  h = x.to(15)
  u = u.to(15)
  v = v.to(15)
  a = a.to(15)
  b = b.to(15)
  m = mask.to(15)
  none = torch.empty([0, 0], dtype=15)
  c, d, e = ops.lorikeet.lora_3(h, u, a, b, m, v, none, none, m, u, a, b, m)
  f, g = ops.lorikeet.lora_2(h, v, none, none, m, u, a, b, m)
  alone = ops.lorikeet.lora_1(h, u, a, b, m)
  base = ops.lorikeet.linear_1(h, v)
  return [torch.cat([alone, base, alone, base, alone], 1).to(6), torch.cat([c, d, e, f, g], 1).to(6)]

def attend(self, q: Tensor, k: Tensor, v: Tensor, slots: Tensor, positions: Tensor, window: int, softcap: float) -> List[Tensor]:
  # q [n, H, D]; k, v [slots, K, capacity, D]
  scale = 0.2
  ours = ops.lorikeet.attend(q.to(15), k.to(15), v.to(15), slots, positions, window, scale, softcap).to(6)
  n = q.size(0)
  group = q.size(1) // k.size(1)
  rows: List[Tensor] = []
  for i in range(n):
    length = int(positions[i]) + 1
    start = 0
    if window > 0 and length > window:
      start = length - window
    keys = torch.repeat_interleave(k[int(slots[i]), :, start:length].to(15).to(6), group, 0)
    values = torch.repeat_interleave(v[int(slots[i]), :, start:length].to(15).to(6), group, 0)
    scores = torch.matmul(keys, q[i].to(15).to(6).unsqueeze(2)).squeeze(2) * scale
    if softcap > 0.0:
      scores = torch.tanh(scores / softcap) * softcap
    rows.append(torch.matmul(torch.softmax(scores, -1).unsqueeze(1), values).reshape([-1]))
  return [ours, torch.stack(rows)]

def rms_norm(self, x: Tensor, w: Tensor, one_plus: bool) -> List[Tensor]:
  a = x.to(15).to(6)
  h = a * torch.rsqrt(torch.mean(a * a, [-1], True) + 0.00001)
  weight = w.to(15).to(6)
  if one_plus:
    weight = weight + 1.0
  return [ops.lorikeet.rms_norm(x.to(15), w.to(15), 0.00001, one_plus).to(6), h * weight]

def int8(self, x: Tensor, outputs: int) -> List[Tensor]:
  # Java; libtorch in float32 on the same numbers; what the first rows give as they become more
  h = x.to(15)
  codes = torch.randint(-127, 128, [outputs, x.size(1)], dtype=1)
  scales = torch.rand([outputs]).to(15) / 100.0
  y = ops.lorikeet.int8_linear_1(h, codes, scales)
  c, d = ops.lorikeet.int8_linear_2(h, codes, scales, codes[4:], scales[4:])
  e, f, g = ops.lorikeet.int8_linear_3(h, codes, scales, codes[4:], scales[4:], codes, scales)
  out = [y.to(6), torch.linear(h.to(6), codes.to(6) * scales.to(6).unsqueeze(1)), torch.cat([y, y[:, 4:], y, y[:, 4:], y], 1).to(6), torch.cat([c, d, e, f, g], 1).to(6)]
  for rows in range(1, x.size(0)):
    out.append(ops.lorikeet.int8_linear_1(h[:rows], codes, scales).to(6))
  return out

def int4(self, x: Tensor, outputs: int, group: int) -> List[Tensor]:
  h = x.to(15)
  q = torch.randint(0, 16, [outputs, x.size(1)], dtype=3)
  w = torch._convert_weight_to_int4pack_for_cpu(q, 1)
  s = (torch.rand([x.size(1) // group, outputs, 2]) / 10.0).to(15)
  y = ops.lorikeet.int4_linear_1(h, group, w, s)
  c, d = ops.lorikeet.int4_linear_2(h, group, w, s, w, s)
  e, f, g = ops.lorikeet.int4_linear_3(h, group, w, s, w, s, w, s)
  both = torch.transpose(s, 0, 1).to(6)
  whole = ((q.reshape([outputs, -1, group]).to(6) - 8.0) * both[:, :, 0:1] + both[:, :, 1:2]).reshape([outputs, -1])
  out = [y.to(6), torch.linear(h.to(6), whole), torch.cat([y, y, y, y, y], 1).to(6), torch.cat([c, d, e, f, g], 1).to(6)]
  for rows in range(1, x.size(0)):
    out.append(ops.lorikeet.int4_linear_1(h[:rows], group, w, s).to(6))
  return out

def table_case(self, outputs: int, inputs: int, block: int, nested: bool) -> List[Tensor]:
  # Codes, the table by bytes, scales in one or two levels as the operators take them, and what all of it stands for.
  w = torch.randint(0, 256, [outputs, inputs // 2], dtype=0)
  values = torch.randn([16])
  pairs = torch.stack([torch.repeat_interleave(values, 16), torch.tile(values, [16])], 1)
  blocks = outputs * inputs // block
  largest = torch.empty([0])
  map = torch.empty([0])
  offset = torch.empty([0])
  s = torch.rand([blocks])
  scales = s
  if nested:
    s = torch.randint(0, 256, [blocks], dtype=0)
    largest = torch.rand([(blocks + 255) // 256])
    map = torch.randn([256])
    offset = torch.randn([1])
    scales = map[s.to(3)] * torch.repeat_interleave(largest, 256)[:blocks] + offset
  whole = (torch.embedding(pairs, w.reshape([-1]).to(3)).reshape([blocks, block]) * scales.unsqueeze(1)).reshape([outputs, inputs])
  return [w, pairs, s, largest, map, offset, whole]

def table(self, x: Tensor, outputs: int, block: int, nested: bool) -> List[Tensor]:
  h = x.to(15)
  w, pairs, s, largest, map, offset, whole = self.table_case(outputs, x.size(1), block, nested)
  y = ops.lorikeet.table_linear_1(h, pairs, block, w, s, largest, map, offset)
  c, d = ops.lorikeet.table_linear_2(h, pairs, block, w, s, largest, map, offset, w, s, largest, map, offset)
  e, f, g = ops.lorikeet.table_linear_3(h, pairs, block, w, s, largest, map, offset, w, s, largest, map, offset, w, s, largest, map, offset)
  out = [y.to(6), torch.linear(h.to(6), whole), torch.cat([y, y, y, y, y], 1).to(6), torch.cat([c, d, e, f, g], 1).to(6)]
  for rows in range(1, x.size(0)):
    out.append(ops.lorikeet.table_linear_1(h[:rows], pairs, block, w, s, largest, map, offset).to(6))
  return out

def int8_matrix(self, x: Tensor, outputs: int) -> List[Tensor]:
  # Java, then libtorch: scaled, and the codes alone
  codes = torch.randint(-128, 128, [outputs, x.size(1)], dtype=1)
  scales = (torch.rand([outputs]) / 100.0).to(15)
  ours = torch.cat([ops.lorikeet.int8_matrix(codes, scales), ops.lorikeet.int8_matrix(codes, scales[:0])], 0)
  return [ours.to(6), torch.cat([codes.to(15) * scales.unsqueeze(1), codes.to(15)], 0).to(6)]

def int4_matrix(self, x: Tensor, outputs: int, group: int) -> List[Tensor]:
  q = torch.randint(0, 16, [outputs, x.size(1)], dtype=3)
  s = (torch.rand([x.size(1) // group, outputs, 2]) / 10.0).to(15)
  both = torch.transpose(s, 0, 1).to(6)
  whole = ((q.reshape([outputs, -1, group]).to(6) - 8.0) * both[:, :, 0:1] + both[:, :, 1:2]).reshape([outputs, -1])
  ours = ops.lorikeet.int4_matrix(group, torch._convert_weight_to_int4pack_for_cpu(q, 1), s)
  return [torch.transpose(ours, 0, 1).to(6).contiguous(), whole.to(15).to(6)]

def table_matrix(self, x: Tensor, outputs: int, block: int, nested: bool) -> List[Tensor]:
  # bfloat16, then float32
  w, pairs, s, largest, map, offset, whole = self.table_case(outputs, x.size(1), block, nested)
  half = ops.lorikeet.table_matrix(pairs, block, False, w, s, largest, map, offset)
  single = ops.lorikeet.table_matrix(pairs, block, True, w, s, largest, map, offset)
  return [torch.cat([half.to(6), single], 0), torch.cat([whole.to(15).to(6), whole], 0)]

def add_rms_norm(self, x: Tensor, y: Tensor, w: Tensor) -> List[Tensor]:
  # In one call; one after the other.
  s, h = ops.lorikeet.add_rms_norm(x.to(15), y.to(15), w.to(15), 0.00001, False)
  z = x.to(15) + y.to(15)
  return [torch.cat([s, h], 0).to(6), torch.cat([z, ops.lorikeet.rms_norm(z, w.to(15), 0.00001, False)], 0).to(6)]

def gated(self, gate: Tensor, up: Tensor) -> List[Tensor]:
  g = (gate * 20.0).to(15)
  u = up.to(15)
  ours = torch.cat([ops.lorikeet.gated(g, u, False), ops.lorikeet.gated(g, u, True)], 0)
  return [ours.to(6), torch.cat([torch.silu(g.to(6)) * u.to(6), torch.gelu(g.to(6), approximate="tanh") * u.to(6)], 0)]

def rotate_append(self, q: Tensor, key: Tensor, value: Tensor, rotary: int, slots: Tensor, positions: Tensor) -> List[Tensor]:
  # q [n, H, D]; key, value [n, K, D], into a cache of four slots and ten positions
  n = q.size(0)
  half = rotary // 2
  angles = torch.rand([n, half]) * 6.0
  c = torch.stack([torch.cos(angles), torch.cos(angles)], 1).unsqueeze(1).contiguous()
  s = torch.stack([-torch.sin(angles), torch.sin(angles)], 1).unsqueeze(1).contiguous()
  k = torch.zeros([4, key.size(1), 10, key.size(2)], dtype=15)
  v = torch.zeros([4, key.size(1), 10, key.size(2)], dtype=15)
  ours = ops.lorikeet.rotate_append(q.to(15).reshape([n, -1]), key.to(15).reshape([n, -1]), value.to(15).reshape([n, -1]), c, s, k, v, slots, positions)
  both = torch.cat([q, key], 1).to(15).to(6)
  first = both[:, :, :half]
  second = both[:, :, half:rotary]
  cosine = torch.cos(angles).unsqueeze(1)
  sine = torch.sin(angles).unsqueeze(1)
  rotated = torch.cat([first * cosine - second * sine, second * cosine + first * sine, both[:, :, rotary:]], 2)
  k2 = torch.zeros_like(k).to(6)
  v2 = torch.zeros_like(v)
  for i in range(n):
    k2[int(slots[i]), :, int(positions[i])].copy_(rotated[i, q.size(1):])
    v2[int(slots[i]), :, int(positions[i])].copy_(value[i].to(15))
  return [torch.cat([ours.reshape([-1]).to(6), k.reshape([-1]).to(6), v.reshape([-1]).to(6)], 0), torch.cat([rotated[:, :q.size(1)].reshape([-1]), k2.reshape([-1]), v2.reshape([-1]).to(6)], 0)]
