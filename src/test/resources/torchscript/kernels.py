def linear(self, x: Tensor, w: Tensor) -> List[Tensor]:
  # Java, libtorch in float32 on the same rounded numbers.
  a = x.to(15)
  b = w.to(15)
  return [ops.lorikeet.linear(a, b).to(6), torch.linear(a.to(6), b.to(6))]

def linear_of_first(self, x: Tensor, w: Tensor, rows: int) -> Tensor:
  return ops.lorikeet.linear(x[:rows].to(15).contiguous(), w.to(15)).to(6)

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
