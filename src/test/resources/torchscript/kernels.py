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
