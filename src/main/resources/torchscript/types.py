# What every program needs to take in bytes and to change types, as TorchScript source.

def as_bfloat16(self, x: Tensor) -> Tensor:
  # The same bytes as bfloat16: DJL cannot name that type, so such tensors arrive as float16.
  return torch.empty([0], dtype=15, device=x.device).set_(x, 0, x.size(), x.stride())

def to_float32(self, x: Tensor) -> Tensor:
  # Always a copy, here and below: x may lie in memory of the Java runtime, which goes when its owner is closed.
  return x.to(6, False, True)

def to_float16(self, x: Tensor) -> Tensor:
  return x.to(5, False, True)

def to_bfloat16(self, x: Tensor) -> Tensor:
  return x.to(15, False, True)

def concatenate(self, parts: List[Tensor]) -> Tensor:
  return torch.cat(parts, 0)

def as_float16(self, x: Tensor) -> Tensor:
  # The same bytes as float16: how DJL reads a bfloat16 tensor.
  return torch.empty([0], dtype=5, device=x.device).set_(x, 0, x.size(), x.stride())
