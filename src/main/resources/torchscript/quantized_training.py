# Training on a base in fewer bits, as TorchScript source behind quantized.py and training.py.
#
# A weight is whole only while something is multiplied by it. libtorch would keep it for the way back, so each product of such a weight is cut
# out of the graph: what it gives is the end of the next graph, and its gradient is computed here, from the codes once more (QLoRA: Dettmers
# et al., 2023). A layer is six graphs, each from its ends to a root:
#   x -> h1;  h1, q, k, v -> a;  x, a, o -> x2;  x2 -> h2;  h2, gate, up -> m;  x2, m, down -> out

def is_quantized(self, w: List[Tensor], site: int) -> bool:
  return w[len(w) // WEIGHT_PARTS * W_SCALES + site].numel() > 0

def base_product(self, h: Tensor, w: List[Tensor], site: int, ad: List[Tensor], ai: List[int]) -> Tensor:
  if self.is_quantized(w, site):
    y = self.linear(h, w, site).to(h.dtype)
  else:
    y = torch.linear(h, self.weight_of(w, site, ad, ai).to(self.compute))
  return y

def whole_head(self, w: List[Tensor]) -> List[Tensor]:
  # Pieces of the logits share one head made of the codes.
  out: List[Tensor] = []
  for i in range(len(w)):
    out.append(w[i])
  if self.is_quantized(w, LM_HEAD):
    out[LM_HEAD] = self.dequantize(w, LM_HEAD).detach()
    out[len(w) // WEIGHT_PARTS * W_SCALES + LM_HEAD] = w[NO_BIAS]
  return out

def base_gradient(self, gradient: Tensor, w: List[Tensor], site: int, like: Tensor) -> Tensor:
  # Of a product, for what was multiplied: by the weight as the codes have it, also where activations were in eight bits.
  weight = self.dequantize(w, site)
  return torch.matmul(gradient.to(weight.dtype), weight).to(like.dtype)

def end(self, x: Tensor) -> Tensor:
  return x.detach().requires_grad_(True)

def cut_products(self, h: Tensor, w: List[Tensor], sites: List[int], ad: List[Tensor], ai: List[int]) -> List[Tensor]:
  out: List[Tensor] = []
  for i in range(len(sites)):
    out.append(self.end(self.base_product(h.detach().to(self.compute), w, sites[i], ad, ai)))
  return out

def layer_recorded(self, x: Tensor, w: List[Tensor], tables: List[Tensor], bounds: Tensor, meta: Tensor, p: List[Tensor]) -> List[Tensor]:
  # The output, then roots and ends as `layer_backward` takes them, then what is trained.
  ai = self.integers(meta)
  ad = self.leaves(p)
  b = FIRST_LAYER
  x = self.end(x)
  root1 = self.norm(x, w, b + INPUT_NORM, ad, ai)
  h1 = self.end(root1)
  y = self.cut_products(h1, w, [b + Q_PROJ, b + K_PROJ, b + V_PROJ], ad, ai)
  q = self.adapted(y[0], h1, w, b + Q_PROJ, b + Q_BIAS, ad, ai)
  k = self.adapted(y[1], h1, w, b + K_PROJ, b + K_BIAS, ad, ai)
  v = self.adapted(y[2], h1, w, b + V_PROJ, b + V_BIAS, ad, ai)
  heads = self.rotated_heads(b, ai[0], [q, k, v], w, tables, ad, ai)
  root2 = self.attend_examples(heads[0].to(self.compute), heads[1].to(self.compute), heads[2].to(self.compute), self.integers(bounds), ai[0])
  a = self.end(root2)
  o = self.cut_products(a, w, [b + O_PROJ], ad, ai)[0]
  root3 = self.add_attention(b, x, self.adapted(o, a, w, b + O_PROJ, b + O_BIAS, ad, ai), w, ad, ai)
  x2 = self.end(root3)
  root4 = self.norm(x2, w, b + PRE_MLP_NORM, ad, ai)
  h2 = self.end(root4)
  z = self.cut_products(h2, w, [b + GATE_PROJ, b + UP_PROJ], ad, ai)
  gate = self.adapted(z[0], h2, w, b + GATE_PROJ, b + GATE_BIAS, ad, ai)
  root5 = self.activate(gate) * self.adapted(z[1], h2, w, b + UP_PROJ, b + UP_BIAS, ad, ai)
  m = self.end(root5)
  down = self.cut_products(m, w, [b + DOWN_PROJ], ad, ai)[0]
  root6 = self.add_mlp(b, x2, self.adapted(down, m, w, b + DOWN_PROJ, b + DOWN_BIAS, ad, ai), w, ad, ai)
  out = [root6, x, root1, h1, y[0], y[1], y[2], root2, a, o, root3, x2, root4, h2, z[0], z[1], root5, m, down]
  for i in range(len(ad)):
    out.append(ad[i])
  return out

def back(self, root: Tensor, gradient: Tensor, ends: List[Tensor], ad: List[Tensor], sums: List[Tensor]) -> List[Tensor]:
  # The gradients of one graph's ends; those of what is trained are added to `sums`.
  given: List[Optional[Tensor]] = [gradient.to(root.dtype)]
  targets: List[Tensor] = []
  for i in range(len(ends)):
    targets.append(ends[i])
  for i in range(len(sums)):
    targets.append(ad[i])
  found = torch.autograd.grad([root], targets, given, None, False, True)
  out: List[Tensor] = []
  for i in range(len(ends)):
    part = found[i]
    if part is not None:
      out.append(part)
    else:
      out.append(torch.zeros_like(ends[i]))
  for i in range(len(sums)):
    part = found[len(ends) + i]
    if part is not None:
      sums[i].add_(part)
  return out

def layer_backward(self, recorded: List[Tensor], w: List[Tensor], gradient: Tensor, sums: List[Tensor]) -> Tensor:
  b = FIRST_LAYER
  r = recorded
  ad = r[19:19 + len(sums)]
  g6 = self.back(r[0], gradient, [r[11], r[17], r[18]], ad, sums)
  m = g6[1] + self.base_gradient(g6[2], w, b + DOWN_PROJ, r[17])
  g5 = self.back(r[16], m, [r[13], r[14], r[15]], ad, sums)
  h2 = g5[0] + self.base_gradient(g5[1], w, b + GATE_PROJ, r[13]) + self.base_gradient(g5[2], w, b + UP_PROJ, r[13])
  x2 = g6[0] + self.back(r[12], h2, [r[11]], ad, sums)[0]
  g3 = self.back(r[10], x2, [r[1], r[8], r[9]], ad, sums)
  a = g3[1] + self.base_gradient(g3[2], w, b + O_PROJ, r[8])
  g2 = self.back(r[7], a, [r[3], r[4], r[5], r[6]], ad, sums)
  h1 = g2[0] + self.base_gradient(g2[1], w, b + Q_PROJ, r[3]) + self.base_gradient(g2[2], w, b + K_PROJ, r[3]) + self.base_gradient(g2[3], w, b + V_PROJ, r[3])
  return g3[0] + self.back(r[2], h1, [r[1]], ad, sums)[0]
