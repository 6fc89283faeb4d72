# Training, as TorchScript source behind decoder.py: a function here replaces the decoder's of the same name.
#
# A micro-batch is its examples one after the other, T tokens without padding; `bounds` [S + 1] says where each begins.
# One call computes one layer, so that serving can go first between two of them.
#   w      of a layer: four places that it does not use, then its LAYER_TENSORS; of the ends: EMBED, FINAL_NORM, LM_HEAD, NO_BIAS
#   p, ad  what is trained in this layer, or at this end, in float32; behind it the lengths that DoRA divides by
#   meta   [layer, mode]; ai the same as integers. Mode 1: noise and dropout apply; 2: nothing of what is trained does
#   self.layout   for each weight of the model TR_SITE numbers: where in `ad` its matrices and so on stand, or -1

def trained(self, site: int, part: int, ai: List[int]) -> int:
  # Where in `ad` this part of what is trained at a weight stands.
  if ai[1] == 2:
    return -1
  s = site
  if site >= FIRST_LAYER:
    s = site + ai[0] * LAYER_TENSORS
  return self.layout[s * TR_SITE + part]

def rows_of(self, x: Tensor, site: int, ai: List[int]) -> Tensor:
  # The rows of a module's tensor that belong to this weight: a fused module is several weights.
  n = self.trained(site, TR_ROWS, ai)
  y = x
  if n > 0:
    y = torch.narrow(x, 0, self.trained(site, TR_FROM, ai), n)
  return y

def weight_of(self, w: List[Tensor], site: int, ad: List[Tensor], ai: List[int]) -> Tensor:
  whole = self.trained(site, TR_WEIGHT, ai)
  if whole >= 0:
    y = self.rows_of(ad[whole], site, ai)
  else:
    y = w[site]
  return y

def dropped(self, x: Tensor, ai: List[int]) -> Tensor:
  y = x
  if self.dropout > 0.0 and ai[1] == 1:
    y = torch.dropout(x, self.dropout, True)
  return y

def project(self, x: Tensor, w: List[Tensor], site: int, bias: int, ad: List[Tensor], ai: List[int]) -> Tensor:
  # y = x wT + b  +  s B (A dropout(x))                  (LoRA; contracts: PEFT's lora/layer.py)
  # y = b + m/n * (x wT + s B (A x)), n held constant    (DoRA; lora/dora.py)
  h = x.to(self.compute)
  weight = self.weight_of(w, site, ad, ai).to(self.compute)
  y = torch.linear(h, weight)
  at = self.trained(site, TR_A, ai)
  if at >= 0:
    a = ad[at].to(self.adapter_compute)
    b = self.rows_of(ad[self.trained(site, TR_B, ai)], site, ai).to(self.adapter_compute)
    kept = self.dropped(x.to(self.adapter_compute), ai)
    m = self.trained(site, TR_MAGNITUDE, ai)
    if self.frozen_rank > 0:
      return self.biased(self.add_principal(y, kept, h, a, b), w, site, bias, ad, ai)
    if m < 0 and self.adapter_compute != 6 and y.dtype == kept.dtype and self.trained(site, TR_B_BIAS, ai) < 0:
      # In half precision: one pass over y in place of three. In float32 the sum is rounded as PEFT rounds it.
      return self.biased(torch.addmm(y, torch.linear(kept, a), torch.transpose(b, 0, 1), alpha=self.scale), w, site, bias, ad, ai)
    low = torch.linear(torch.linear(kept, a), b)
    of_b = self.trained(site, TR_B_BIAS, ai)
    if of_b >= 0:
      low = low + self.rows_of(ad[of_b], site, ai).to(self.adapter_compute)
    if m >= 0:
      ratio = self.rows_of(ad[m] / ad[self.trained(site, TR_LENGTH, ai)], site, ai).to(y.dtype)
      base = y
      if self.dropout > 0.0 and ai[1] == 1:
        base = torch.linear(kept.to(self.compute), weight)
      y = y + (ratio - 1.0) * base + ratio * (low * self.scale).to(y.dtype)
    else:
      y = torch.add(y, low.to(y.dtype), alpha=self.scale)
  return self.biased(y, w, site, bias, ad, ai)

def add_principal(self, y: Tensor, kept: Tensor, h: Tensor, a: Tensor, b: Tensor) -> Tensor:
  # PiSSA: y + s (B A dropout(x) - B0 A0 x); A0 and -B0 stand behind A and B and have no gradient.
  n = self.frozen_rank
  learned = torch.linear(kept, torch.narrow(a, 0, 0, n))
  taken = torch.linear(h.to(a.dtype), torch.narrow(a, 0, n, n).detach())
  both = torch.cat([torch.narrow(b, 1, 0, n), torch.narrow(b, 1, n, n).detach()], 1)
  return torch.add(y, torch.linear(torch.cat([learned, taken], 1), both).to(y.dtype), alpha=self.scale)

def biased(self, y: Tensor, w: List[Tensor], site: int, bias: int, ad: List[Tensor], ai: List[int]) -> Tensor:
  own = self.trained(site, TR_BIAS, ai)
  if own >= 0:
    y = y + self.rows_of(ad[own], site, ai).to(y.dtype)
  elif w[bias].numel() > 0:
    y = y + w[bias].to(y.dtype)
  return y

def norm(self, x: Tensor, w: List[Tensor], site: int, ad: List[Tensor], ai: List[int]) -> Tensor:
  return self.rms_norm(x, self.weight_of(w, site, ad, ai)).to(x.dtype)

def embed(self, w: List[Tensor], ids: Tensor, ad: List[Tensor], ai: List[int]) -> Tensor:
  x = torch.embedding(self.weight_of(w, EMBED, ad, ai), ids).to(w[EMBED].dtype)
  at = self.trained(EMBED, TR_A, ai)
  if at >= 0:
    low = torch.linear(torch.embedding(torch.transpose(ad[at], 0, 1), ids), ad[self.trained(EMBED, TR_B, ai)])
    x = x + (low * self.scale).to(x.dtype)
  return x

def noise(self, x: Tensor, bounds: List[int]) -> Tensor:
  # NEFTune: uniform noise of at most alpha / sqrt(length * hidden), the length being that of the longest example.
  longest = 0
  for e in range(len(bounds) - 1):
    longest = max(longest, bounds[e + 1] - bounds[e])
  most = self.neftune_alpha / ((longest * x.size(1)) ** 0.5)
  return x + (torch.rand_like(x.to(6)) * 2.0 - 1.0).to(x.dtype) * most

def embed_examples(self, w: List[Tensor], ids: Tensor, bounds: List[int], ad: List[Tensor], ai: List[int]) -> Tensor:
  x = self.embed(w, ids, ad, ai)
  noisy = self.neftune_alpha > 0.0 and ai[1] == 1
  if noisy and not self.embedding_scales_itself:
    x = self.noise(x, bounds)
  if self.embedding_scale != 1.0:
    x = x * torch.scalar_tensor(self.embedding_scale, dtype=x.dtype, device=x.device)
  if noisy and self.embedding_scales_itself:
    x = self.noise(x, bounds)
  return x

def unembed(self, x: Tensor, w: List[Tensor], ad: List[Tensor], ai: List[int]) -> Tensor:
  # Logits [R, V] in float32 of hidden states [R, hidden] before the final norm.
  logits = self.project(self.norm(x, w, FINAL_NORM, ad, ai), w, LM_HEAD, NO_BIAS, ad, ai).to(6)
  if self.final_softcap > 0.0:
    logits = torch.tanh(logits / self.final_softcap) * self.final_softcap
  return logits

def integers(self, x: Tensor) -> List[int]:
  out: List[int] = []
  for i in range(x.size(0)):
    out.append(int(torch.select(x, 0, i)))
  return out

def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Optional[Tensor], causal: bool) -> Tensor:
  # q, k, v [1, heads, N, D]. Short examples in float32 are computed as transformers' eager attention does: Adam's first steps follow the
  # signs of the smallest gradients, which the rounding of libtorch's flash kernel can turn.
  n = q.size(2)
  if self.attention_softcap > 0.0 or (q.dtype == 6 and n <= 256):
    scores = torch.matmul(q, torch.transpose(k, 2, 3)).to(6) * self.attention_scale
    if self.attention_softcap > 0.0:
      scores = torch.tanh(scores / self.attention_softcap) * self.attention_softcap
    if mask is not None:
      scores = scores + mask
    else:
      scores = torch.masked_fill(scores, torch.triu(torch.ones([n, n], dtype=11, device=q.device), 1), float("-inf"))
    y = torch.matmul(torch.softmax(scores, -1).to(q.dtype), v)
  else:
    y = torch.scaled_dot_product_attention(q, k, v, mask, 0.0, causal, scale=self.attention_scale)
  return y

def attend_examples(self, q: Tensor, k: Tensor, v: Tensor, bounds: List[int], i: int) -> Tensor:
  # q [T, H, D], k and v [T, K, D]: each example sees itself only.
  g = self.heads // self.kv_heads
  window = self.windows[self.layer_windows[i]]
  mask_type = q.dtype
  if self.attention_softcap > 0.0:
    mask_type = 6
  parts: List[Tensor] = []
  for e in range(len(bounds) - 1):
    n = bounds[e + 1] - bounds[e]
    queries = torch.transpose(torch.narrow(q, 0, bounds[e], n), 0, 1).unsqueeze(0)
    keys = torch.transpose(torch.narrow(k, 0, bounds[e], n), 0, 1).unsqueeze(1).expand([self.kv_heads, g, n, self.head_dim]).reshape([1, self.heads, n, self.head_dim])
    values = torch.transpose(torch.narrow(v, 0, bounds[e], n), 0, 1).unsqueeze(1).expand([self.kv_heads, g, n, self.head_dim]).reshape([1, self.heads, n, self.head_dim])
    if self.attention_softcap > 0.0 or (window > 0 and n > window):
      mask = self.masks(torch.arange(n, device=q.device), n, mask_type)[self.layer_windows[i]]
      y = self.attend(queries, keys, values, mask, False)
    else:
      y = self.attend(queries, keys, values, None, True)
    parts.append(torch.transpose(y.squeeze(0), 0, 1).reshape([n, self.heads * self.head_dim]))
  return torch.cat(parts, 0)

def layer_of_examples(self, x: Tensor, w: List[Tensor], tables: List[Tensor], bounds: List[int], ad: List[Tensor], ai: List[int]) -> Tensor:
  heads = self.queries_keys_values(FIRST_LAYER, ai[0], x, w, tables, ad, ai)
  a = self.attend_examples(heads[0].to(self.compute), heads[1].to(self.compute), heads[2].to(self.compute), bounds, ai[0])
  return self.after_attention(FIRST_LAYER, x, a, w, ad, ai)

def leaves(self, p: List[Tensor]) -> List[Tensor]:
  # The same numbers, as the ends of a graph.
  out: List[Tensor] = []
  for i in range(len(p)):
    out.append(p[i].detach().requires_grad_(True))
  return out

def add_gradients(self, y: List[Tensor], ends: List[Tensor], gradient: List[Tensor], sums: List[Tensor]) -> Tensor:
  # Adds the gradients of ends[1:] to `sums`, and returns that of ends[0]; empty where none flows.
  given: List[Optional[Tensor]] = []
  for i in range(len(gradient)):
    given.append(gradient[i])
  found = torch.autograd.grad(y, ends, given, None, False, True)
  for i in range(len(ends) - 1):
    part = found[i + 1]
    if part is not None:
      sums[i].add_(part)
  first = found[0]
  if first is not None:
    below = first
  else:
    below = torch.zeros([0])
  return below

def rope(self, positions: Tensor, frequencies: List[Tensor], like: List[Tensor]) -> List[Tensor]:
  return self.rope_tables(positions, frequencies)

def embed_plain(self, w: List[Tensor], ids: Tensor, bounds: Tensor, meta: Tensor, p: List[Tensor]) -> Tensor:
  return self.embed_examples(w, ids, self.integers(bounds), p, self.integers(meta))

def embed_backward(self, w: List[Tensor], ids: Tensor, bounds: Tensor, meta: Tensor, p: List[Tensor], gradient: Tensor, sums: List[Tensor]) -> Tensor:
  ad = self.leaves(p)
  y = self.embed_examples(w, ids, self.integers(bounds), ad, self.integers(meta))
  ends = [torch.zeros([1]).requires_grad_(True)]
  for i in range(len(sums)):
    ends.append(ad[i])
  return self.add_gradients([y], ends, [gradient], sums)

def layer_plain(self, x: Tensor, w: List[Tensor], tables: List[Tensor], bounds: Tensor, meta: Tensor, p: List[Tensor]) -> Tensor:
  return self.layer_of_examples(x, w, tables, self.integers(bounds), p, self.integers(meta))

def layer_recorded(self, x: Tensor, w: List[Tensor], tables: List[Tensor], bounds: Tensor, meta: Tensor, p: List[Tensor]) -> List[Tensor]:
  # The output, and the ends of its graph: x and what is trained.
  ad = self.leaves(p)
  x = x.detach().requires_grad_(True)
  out = [self.layer_of_examples(x, w, tables, self.integers(bounds), ad, self.integers(meta)), x]
  for i in range(len(ad)):
    out.append(ad[i])
  return out

def layer_backward(self, recorded: List[Tensor], gradient: Tensor, sums: List[Tensor]) -> Tensor:
  return self.add_gradients([recorded[0]], recorded[1:len(sums) + 2], [gradient], sums)

def layer_again(self, x: Tensor, w: List[Tensor], tables: List[Tensor], bounds: Tensor, meta: Tensor, p: List[Tensor], gradient: Tensor, sums: List[Tensor]) -> Tensor:
  # Computes the layer a second time, now with its graph, and goes back through it.
  return self.layer_backward(self.layer_recorded(x, w, tables, bounds, meta, p), gradient, sums)

def loss(self, x: Tensor, w: List[Tensor], rows: Tensor, targets: Tensor, meta: Tensor, p: List[Tensor], factor: Tensor, sums: List[Tensor]) -> List[Tensor]:
  # Sum of the negative log-likelihoods of `targets` [R] after the positions `rows` [R], and its gradient times `factor` for x [T, hidden].
  # The logits exist for LOSS_ROWS positions at a time.
  ai = self.integers(meta)
  total = torch.zeros([1], dtype=7, device=x.device)
  below = torch.zeros_like(x)
  n = rows.size(0)
  for c in range((n + LOSS_ROWS - 1) // LOSS_ROWS):
    count = min(LOSS_ROWS, n - c * LOSS_ROWS)
    at = torch.narrow(rows, 0, c * LOSS_ROWS, count)
    h = torch.index_select(x, 0, at).detach().requires_grad_(True)
    ad = self.leaves(p)
    nll = torch.nll_loss(torch.log_softmax(self.unembed(h, w, ad, ai), -1), torch.narrow(targets, 0, c * LOSS_ROWS, count), None, 2)
    ends = [h]
    for i in range(len(sums)):
      ends.append(ad[i])
    below.index_copy_(0, at, self.add_gradients([nll], ends, [factor.reshape([])], sums))
    total = total + nll.detach().to(7)
  return [total, below]

def evaluate(self, x: Tensor, w: List[Tensor], rows: Tensor, targets: Tensor, meta: Tensor, p: List[Tensor]) -> Tensor:
  # [sum of negative log-likelihoods, how many targets are the likeliest token] in float64
  ai = self.integers(meta)
  total = torch.zeros([2], dtype=7, device=x.device)
  n = rows.size(0)
  for c in range((n + LOSS_ROWS - 1) // LOSS_ROWS):
    count = min(LOSS_ROWS, n - c * LOSS_ROWS)
    wanted = torch.narrow(targets, 0, c * LOSS_ROWS, count)
    logits = self.unembed(torch.index_select(x, 0, torch.narrow(rows, 0, c * LOSS_ROWS, count)), w, p, ai)
    nll = torch.nll_loss(torch.log_softmax(logits, -1), wanted, None, 2)
    right = torch.sum((torch.argmax(logits, -1) == wanted).to(7))
    total = total + torch.stack([nll.to(7), right])
  return total

def token_scores(self, x: Tensor, w: List[Tensor], rows: Tensor, targets: Tensor, meta: Tensor, p: List[Tensor]) -> List[Tensor]:
  # Of each of `targets` [R] the negative log-likelihood after its position, and 1 if it is the likeliest token; in float64
  ai = self.integers(meta)
  h = x.detach()
  losses: List[Tensor] = []
  hits: List[Tensor] = []
  n = rows.size(0)
  for c in range((n + LOSS_ROWS - 1) // LOSS_ROWS):
    count = min(LOSS_ROWS, n - c * LOSS_ROWS)
    wanted = torch.narrow(targets, 0, c * LOSS_ROWS, count)
    logits = self.unembed(torch.index_select(h, 0, torch.narrow(rows, 0, c * LOSS_ROWS, count)), w, p, ai)
    losses.append(torch.nll_loss(torch.log_softmax(logits, -1), wanted, None, 0).to(7))
    hits.append((torch.argmax(logits, -1) == wanted).to(7))
  return [torch.cat(losses, 0), torch.cat(hits, 0)]

def weighted_gradient(self, x: Tensor, w: List[Tensor], rows: Tensor, targets: Tensor, weights: Tensor, meta: Tensor, p: List[Tensor], sums: List[Tensor]) -> Tensor:
  # The gradient for x [T, hidden] of the sum of the negative log-likelihoods of `targets` [R], each times its weight [R].
  ai = self.integers(meta)
  below = torch.zeros_like(x)
  n = rows.size(0)
  for c in range((n + LOSS_ROWS - 1) // LOSS_ROWS):
    count = min(LOSS_ROWS, n - c * LOSS_ROWS)
    at = torch.narrow(rows, 0, c * LOSS_ROWS, count)
    h = torch.index_select(x, 0, at).detach().requires_grad_(True)
    ad = self.leaves(p)
    nll = torch.nll_loss(torch.log_softmax(self.unembed(h, w, ad, ai), -1), torch.narrow(targets, 0, c * LOSS_ROWS, count), None, 0)
    ends = [h]
    for i in range(len(sums)):
      ends.append(ad[i])
    below.index_copy_(0, at, self.add_gradients([nll], ends, [torch.narrow(weights, 0, c * LOSS_ROWS, count)], sums))
  return below

def aliases(self, w: List[Tensor]) -> List[Tensor]:
  # The same tensors under handles of their own.
  out: List[Tensor] = []
  for i in range(len(w)):
    out.append(w[i].detach())
  return out

def copies(self, p: List[Tensor]) -> List[Tensor]:
  out: List[Tensor] = []
  for i in range(len(p)):
    out.append(torch.clone(p[i]))
  return out

def put(self, into: List[Tensor], values: List[Tensor]) -> Tensor:
  for i in range(len(into)):
    into[i].copy_(values[i])
  return into[0]

def zeros_like(self, p: List[Tensor]) -> List[Tensor]:
  out: List[Tensor] = []
  for i in range(len(p)):
    out.append(torch.zeros_like(p[i]))
  return out

def clear(self, p: List[Tensor]) -> Tensor:
  for i in range(len(p)):
    p[i].zero_()
  return p[0]

def norm_of(self, g: List[Tensor]) -> Tensor:
  # Length of all gradients together.
  parts: List[Tensor] = []
  for i in range(len(g)):
    parts.append(torch.linalg_vector_norm(g[i]))
  return torch.linalg_vector_norm(torch.stack(parts)).reshape([1])

def dora_length(self, w: List[Tensor], a: Tensor, b: Tensor, length: Tensor) -> Tensor:
  # Puts into `length` that of each row of W + s B A; W in as many parts as the module has weights.
  return length.copy_(torch.linalg_vector_norm(torch.cat(w, 0).to(6) + self.scale * torch.matmul(b, a), 2, [1]))

def row_lengths(self, w: List[Tensor]) -> Tensor:
  return torch.linalg_vector_norm(torch.cat(w, 0).to(6), 2, [1])

def principal(self, w: List[Tensor]) -> List[Tensor]:
  # Meng et al., 2024, as `pissa_init` of PEFT's lora/layer.py: A [2n, in] and B [out, 2n].
  n = self.frozen_rank
  u, s, v = torch.linalg_svd(torch.cat(w, 0).to(6), False)
  root = torch.sqrt(torch.narrow(s, 0, 0, n) / self.scale)
  a = root.unsqueeze(1) * torch.narrow(v, 0, 0, n)
  b = torch.narrow(u, 1, 0, n) * root.unsqueeze(0)
  return [torch.cat([a, a], 0), torch.cat([b, -b], 1)]

def joined(self, w: List[Tensor]) -> Tensor:
  return torch.cat(w, 0).to(6)

def scaled(self, g: List[Tensor], factor: Tensor) -> Tensor:
  f = float(factor)
  for i in range(len(g)):
    g[i].mul_(f)
  return g[0]

def floats(self, x: Tensor) -> List[float]:
  out: List[float] = []
  for i in range(x.size(0)):
    out.append(float(torch.select(x, 0, i)))
  return out

def adamw_one(self, p: Tensor, g: Tensor, m: Tensor, v: Tensor, decays: bool, n: List[float]) -> Tensor:
  if decays:
    p.mul_(1.0 - n[0] * n[4])
  m.lerp_(g, 1.0 - n[1])
  v.mul_(n[2]).addcmul_(g, g, value=1.0 - n[2])
  return p.addcdiv_(m, torch.sqrt(v).div_(n[6] ** 0.5).add_(n[3]), value=-n[0] / n[5])

def adamw(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], decays: Tensor, numbers: Tensor) -> Tensor:
  # Loshchilov and Hutter, 2019, as torch.optim.AdamW. numbers: rate, beta1, beta2, epsilon, decay, 1 - beta1^t, 1 - beta2^t
  n = self.floats(numbers)
  d = self.integers(decays)
  for i in range(len(p)):
    self.adamw_one(p[i], g[i], m[i], v[i], d[i] == 1, n)
  return p[0]

def moments_8bit(self, p: List[Tensor]) -> List[Tensor]:
  # For each tensor: codes in blocks of 256, or float32 where it is smaller than EIGHT_BIT_FROM; then for each the largest value of each block.
  out: List[Tensor] = []
  for i in range(len(p)):
    if p[i].numel() < EIGHT_BIT_FROM:
      out.append(torch.zeros_like(p[i]))
    else:
      out.append(torch.zeros([(p[i].numel() + 255) // 256, 256], dtype=0, device=p[i].device))
  for i in range(len(p)):
    if p[i].numel() < EIGHT_BIT_FROM:
      out.append(torch.zeros([1], device=p[i].device))
    else:
      out.append(torch.zeros([(p[i].numel() + 255) // 256], device=p[i].device))
  return out

def from_codes(self, codes: Tensor, largest: Tensor, values: Tensor) -> Tensor:
  return torch.index_select(values, 0, codes.to(4).reshape([-1])).reshape(codes.size()) * largest.unsqueeze(1)

def to_codes(self, x: Tensor, codes: Tensor, largest: Tensor, values: Tensor) -> Tensor:
  # The nearest value of the map, but never one of the other sign.
  largest.copy_(torch.amax(torch.abs(x), [1]))
  n = values.size(0)
  middles = (torch.narrow(values, 0, 1, n - 1) + torch.narrow(values, 0, 0, n - 1)) * 0.5
  y = x / torch.clamp_min(largest, 1e-38).unsqueeze(1)
  at = torch.bucketize(y, middles)
  chosen = torch.index_select(values, 0, at.reshape([-1])).reshape(at.size())
  at = at + torch.logical_and(x > 0.0, chosen < 0.0).to(4) - torch.logical_and(x < 0.0, chosen >= 0.0).to(4)
  return codes.copy_(at)

def adamw_8bit(self, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], m_largest: List[Tensor], v_largest: List[Tensor], maps: List[Tensor], decays: Tensor, numbers: Tensor) -> Tensor:
  # Dettmers et al., 2022, as bitsandbytes' block-wise AdamW8bit. maps: values of the signed and of the unsigned codes
  n = self.floats(numbers)
  d = self.integers(decays)
  for i in range(len(p)):
    if p[i].numel() < EIGHT_BIT_FROM:
      self.adamw_one(p[i], g[i], m[i], v[i], d[i] == 1, n)
    else:
      blocks = m[i].size(0)
      padding = torch.zeros([blocks * 256 - g[i].numel()], device=g[i].device)
      gradient = torch.cat([g[i].reshape([-1]), padding], 0).reshape([blocks, 256])
      first = self.from_codes(m[i], m_largest[i], maps[0]).mul_(n[1]).add_(gradient, alpha=1.0 - n[1])
      second = self.from_codes(v[i], v_largest[i], maps[1]).mul_(n[2]).addcmul_(gradient, gradient, value=1.0 - n[2])
      root = n[6] ** 0.5
      change = (first / (torch.sqrt(second) + root * n[3])).reshape([-1])
      p[i].add_(torch.narrow(change, 0, 0, p[i].numel()).reshape(p[i].size()), alpha=-n[0] * root / n[5])
      if d[i] == 1:
        p[i].mul_(1.0 - n[0] * n[4])
      self.to_codes(first, m[i], m_largest[i], maps[0])
      self.to_codes(second, v[i], v_largest[i], maps[1])
  return p[0]

def moments_adafactor(self, p: List[Tensor]) -> List[Tensor]:
  # For each tensor: mean squares of its rows, or of all numbers of a vector; then for each those of its columns.
  out: List[Tensor] = []
  for i in range(len(p)):
    out.append(torch.zeros([p[i].size(0)], device=p[i].device))
  for i in range(len(p)):
    if p[i].dim() == 2:
      out.append(torch.zeros([p[i].size(1)], device=p[i].device))
    else:
      out.append(torch.zeros([1], device=p[i].device))
  return out

def adafactor(self, p: List[Tensor], g: List[Tensor], rows: List[Tensor], columns: List[Tensor], decays: Tensor, numbers: Tensor) -> Tensor:
  # Shazeer and Stern, 2018, as transformers' Adafactor with a given rate (no relative step, no scaling by parameters, no first moment).
  # numbers: rate, decay, 1 - t^-0.8
  n = self.floats(numbers)
  d = self.integers(decays)
  for i in range(len(p)):
    square = g[i] * g[i] + 1e-30
    if p[i].dim() == 2:
      rows[i].mul_(n[2]).add_(torch.mean(square, [1]), alpha=1.0 - n[2])
      columns[i].mul_(n[2]).add_(torch.mean(square, [0]), alpha=1.0 - n[2])
      change = torch.rsqrt(rows[i] / torch.mean(rows[i])).unsqueeze(1) * torch.rsqrt(columns[i]).unsqueeze(0) * g[i]
    else:
      rows[i].mul_(n[2]).add_(square, alpha=1.0 - n[2])
      change = torch.rsqrt(rows[i]) * g[i]
    rms = torch.linalg_vector_norm(change) / (change.numel() ** 0.5)
    change = change / torch.clamp_min(rms, 1.0) * n[0]
    if d[i] == 1:
      p[i].mul_(1.0 - n[1] * n[0])
    p[i].sub_(change)
  return p[0]

def sgd(self, p: List[Tensor], g: List[Tensor], decays: Tensor, numbers: Tensor) -> Tensor:
  # numbers: rate, decay
  n = self.floats(numbers)
  d = self.integers(decays)
  for i in range(len(p)):
    if d[i] == 1:
      p[i].add_(g[i] + n[1] * p[i], alpha=-n[0])
    else:
      p[i].add_(g[i], alpha=-n[0])
  return p[0]
