# The decoder, as TorchScript source: packaged by ScriptArchive, compiled in process by libtorch.
#
# Names in capitals (Q_PROJ …) are ordinals of the Java enum LayerTensor, put in when the archive is made.
# Shapes: T tokens of this step, H query heads, K key/value heads, G = H / K, D head size, L cached positions, V vocabulary.
#   w    weights: EMBED, FINAL_NORM, LM_HEAD, then LAYER_TENSORS for each layer; an absent tensor is empty
#   k, v one tensor per layer, [slots, K, capacity, D]
# A step's tokens are ordered: one row for each decoding sequence, by slot, then the chunks of prompts.

def rms_norm(self, x: Tensor, weight: Tensor) -> Tensor:
  if self.java_kernels and x.dim() == 2:
    y = ops.lorikeet.rms_norm(x.contiguous(), weight, self.norm_epsilon, self.norm_one_plus)
  else:
    h = x.to(6)
    h = h * torch.rsqrt(torch.mean(h * h, [-1], True) + self.norm_epsilon)
    if self.norm_one_plus:
      y = (h * (1.0 + weight.to(6))).to(x.dtype)
    else:
      y = weight * h.to(x.dtype)
  return y

def linear(self, x: Tensor, w: List[Tensor], site: int) -> Tensor:
  # x wT of one site: here, and in dequantize and java_products, quantized.py differs.
  return torch.linear(x, w[site])

def dequantize(self, w: List[Tensor], site: int) -> Tensor:
  return w[site]

def project(self, x: Tensor, w: List[Tensor], site: int, bias: int, ad: List[Tensor], ai: List[int]) -> Tensor:
  # One linear layer: base weight `w[site]`, base bias `w[bias]`, and what the adapters of these rows add.
  #   y = x wT + b  +  s B (A x)  +  (m/n - 1) * (x wT)  +  bias delta        (LoRA; DoRA with m/n folded into B; lora_bias)
  if self.java_kernels and x.size(0) <= JAVA_ROWS:
    y = self.java_products(x, w, [site], ad, ai)[0]
  else:
    y = self.adapt(self.linear(x, w, site), x, site, ad, ai)
  return self.finish_projection(y, x, w, site, bias, ad, ai)

def project_together(self, x: Tensor, w: List[Tensor], sites: List[int], biases: List[int], ad: List[Tensor], ai: List[int]) -> List[Tensor]:
  # Linear layers that share their input: few rows take them in one call.
  out: List[Tensor] = []
  if self.java_kernels and x.size(0) <= JAVA_ROWS:
    y = self.java_products(x, w, sites, ad, ai)
    for i in range(len(sites)):
      out.append(self.finish_projection(y[i], x, w, sites[i], biases[i], ad, ai))
  else:
    for i in range(len(sites)):
      out.append(self.project(x, w, sites[i], biases[i], ad, ai))
  return out

def java_products(self, x: Tensor, w: List[Tensor], sites: List[int], ad: List[Tensor], ai: List[int]) -> List[Tensor]:
  # x wT and what the adapters add. For few rows libtorch's bfloat16 kernel uses half of the memory's speed or less; ours in Java
  # (tensor.kernel) does better. docs/decisions/java-kernels.md has the numbers. Steps do not mix the two: each has its own threads.
  x = x.contiguous()
  n = len(sites)
  s0 = sites[0]
  s1 = sites[n // 2]
  s2 = sites[n - 1]
  y: List[Tensor] = []
  if len(ad) > 0 and ai[AI_MATRICES_ONLY] == 1:
    m = ai[AI_MASKS]
    i0 = s0 * AD_SITE
    i1 = s1 * AD_SITE
    i2 = s2 * AD_SITE
    if n == 1:
      y.append(ops.lorikeet.lora_1(x, w[s0], ad[i0 + AD_A], ad[i0 + AD_B], ad[m + ai[AI_LAYOUTS + s0]]))
    elif n == 2:
      y0, y1 = ops.lorikeet.lora_2(x, w[s0], ad[i0 + AD_A], ad[i0 + AD_B], ad[m + ai[AI_LAYOUTS + s0]], w[s2], ad[i2 + AD_A], ad[i2 + AD_B], ad[m + ai[AI_LAYOUTS + s2]])
      y = [y0, y1]
    else:
      y0, y1, y2 = ops.lorikeet.lora_3(x, w[s0], ad[i0 + AD_A], ad[i0 + AD_B], ad[m + ai[AI_LAYOUTS + s0]], w[s1], ad[i1 + AD_A], ad[i1 + AD_B], ad[m + ai[AI_LAYOUTS + s1]], w[s2], ad[i2 + AD_A], ad[i2 + AD_B], ad[m + ai[AI_LAYOUTS + s2]])
      y = [y0, y1, y2]
  else:
    if n == 1:
      y.append(ops.lorikeet.linear_1(x, w[s0]))
    elif n == 2:
      y0, y1 = ops.lorikeet.linear_2(x, w[s0], w[s2])
      y = [y0, y1]
    else:
      y0, y1, y2 = ops.lorikeet.linear_3(x, w[s0], w[s1], w[s2])
      y = [y0, y1, y2]
    if len(ad) > 0:
      for i in range(n):
        y[i] = self.adapt(y[i], x, sites[i], ad, ai)
  return y

def adapt(self, y: Tensor, x: Tensor, site: int, ad: List[Tensor], ai: List[int]) -> Tensor:
  # The matrices and magnitudes of adapters, added to y = x wT.
  if len(ad) > 0:
    a = ad[site * AD_SITE + AD_A]
    scaling = ad[site * AD_SITE + AD_DORA]
    if scaling.numel() > 0:
      y = y + y * torch.index_select(scaling, 0, ad[len(ad) - 2])
    if a.numel() > 0:
      mask = ad[ai[AI_MASKS] + ai[AI_LAYOUTS + site]]
      if self.java_kernels and x.size(0) <= JAVA_ROWS:
        y = ops.lorikeet.add_lora(y, x.contiguous(), a, ad[site * AD_SITE + AD_B], mask)
      else:
        y = torch.addmm(y, torch.linear(x, a) * mask, ad[site * AD_SITE + AD_B])
  return y

def finish_projection(self, y: Tensor, x: Tensor, w: List[Tensor], site: int, bias: int, ad: List[Tensor], ai: List[int]) -> Tensor:
  # The biases, and whole weights of adapters that bring their own.
  if w[bias].numel() > 0:
    y = y + w[bias]
  if len(ad) > 0 and ai[AI_MATRICES_ONLY] == 0:
    delta = ad[site * AD_SITE + AD_BIAS]
    if delta.numel() > 0:
      y = y + torch.index_select(delta, 0, ad[len(ad) - 2])
    for r in range(ai[AI_REPLACEMENTS]):
      if ai[AI_SITES_END + r * 3] == site:
        rows = torch.nonzero(ad[len(ad) - 2] == ai[AI_SITES_END + r * 3 + 1]).reshape([-1])
        if rows.numel() > 0:
          whole = torch.linear(torch.index_select(x, 0, rows), ad[ai[AI_SITES_END + r * 3 + 2]])
          if w[bias].numel() > 0:
            whole = whole + w[bias]
          y = torch.index_copy(y, 0, rows, whole)
  return y

def norm(self, x: Tensor, w: List[Tensor], site: int, ad: List[Tensor], ai: List[int]) -> Tensor:
  # RMS norm, with the weights of adapters that bring their own.
  y = self.rms_norm(x, w[site])
  if len(ad) > 0:
    for r in range(ai[AI_REPLACEMENTS]):
      if ai[AI_SITES_END + r * 3] == site:
        rows = torch.nonzero(ad[len(ad) - 2] == ai[AI_SITES_END + r * 3 + 1]).reshape([-1])
        if rows.numel() > 0:
          y = torch.index_copy(y, 0, rows, self.rms_norm(torch.index_select(x, 0, rows), ad[ai[AI_SITES_END + r * 3 + 2]]))
  return y

def activate(self, x: Tensor) -> Tensor:
  if self.activation == 0:
    y = torch.silu(x)
  elif self.activation == 1:
    y = torch.gelu(x, approximate="tanh")
  else:
    y = torch.gelu(x, approximate="none")
  return y

def rope_tables(self, positions: Tensor, inverse_frequencies: List[Tensor]) -> List[Tensor]:
  # For each rope: cos and sin, [T, 1, 2, R/2] in float32; the first half of sin is negated, so that a swap of halves replaces "rotate half".
  tables: List[Tensor] = []
  for i in range(len(inverse_frequencies)):
    angles = positions.to(6).unsqueeze(1) * inverse_frequencies[i].unsqueeze(0)
    c = torch.cos(angles)
    s = torch.sin(angles)
    tables.append(torch.stack([c, c], 1).unsqueeze(1))
    tables.append(torch.stack([-s, s], 1).unsqueeze(1))
  return tables

def rotate(self, q: Tensor, key: Tensor, cos: Tensor, sin: Tensor, dtype: int) -> List[Tensor]:
  # Queries [T, H, D] and keys [T, K, D] in one go, since each operation costs more than its numbers. In float32, which rounds once
  # instead of three times.
  x = torch.cat([q, key], 1).to(6)
  t = x.size(0)
  n = x.size(1)
  r = self.rotary_dim
  p = x[..., :r].reshape([t, n, 2, r // 2])
  y = torch.addcmul(p * cos, torch.flip(p, [2]), sin).reshape([t, n, r])
  if r < self.head_dim:
    y = torch.cat([y, x[..., r:]], -1)
  y = y.to(dtype)
  return [y[:, :self.heads], y[:, self.heads:]]

def masks(self, first: Tensor, length: int, dtype: int) -> List[Tensor]:
  # Additive masks for queries at positions `first` [N] over cached positions 0..length-1: one per entry of `windows`, [N, L].
  seen = torch.arange(length, device=first.device).unsqueeze(0)
  at = first.unsqueeze(1)
  out: List[Tensor] = []
  for i in range(len(self.windows)):
    allowed = seen <= at
    if self.windows[i] > 0:
      allowed = torch.logical_and(allowed, seen > at - self.windows[i])
    hidden = torch.zeros([first.size(0), length], dtype=dtype, device=first.device)
    out.append(torch.masked_fill(hidden, torch.logical_not(allowed), float("-inf")))
  return out

def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Optional[Tensor], causal: bool) -> Tensor:
  # q [B, heads, N, D], k and v [B, heads, L, D]
  if self.attention_softcap > 0.0:
    scores = torch.matmul(q, torch.transpose(k, 2, 3)).to(6)
    scores = torch.tanh(scores * (self.attention_scale / self.attention_softcap)) * self.attention_softcap
    if mask is not None:
      scores = scores + mask
    y = torch.matmul(torch.softmax(scores, -1).to(q.dtype), v)
  else:
    y = torch.scaled_dot_product_attention(q, k, v, mask, 0.0, causal, scale=self.attention_scale)
  return y

def attend_decoding(self, q: Tensor, k: Tensor, v: Tensor, rows: Tensor, batch: List[int], mask: Tensor, window: int) -> Tensor:
  # q [n, H, D]: one token of each decoding sequence. The G queries of a key head stand in the place of positions: they share keys and mask.
  # batch = [n, first slot, slots spanned, longest length, 1 if every slot of the span decodes]
  n = batch[0]
  lo = batch[1]
  hi = batch[1] + batch[2]
  g = self.heads // self.kv_heads
  q = q.reshape([n, self.kv_heads, g, self.head_dim])
  if n == 1:
    start = 0
    if window > 0 and batch[3] > window:
      start = batch[3] - window
    y = self.attend(q, k[lo:hi, :, start:batch[3]], v[lo:hi, :, start:batch[3]], None, False)
  elif batch[4] == 1:
    y = self.attend(q, k[lo:hi, :, :batch[3]], v[lo:hi, :, :batch[3]], mask, False)
  else:
    spread = torch.zeros([batch[2], self.kv_heads, g, self.head_dim], dtype=q.dtype, device=q.device)
    spread = torch.index_copy(spread, 0, rows, q)
    y = torch.index_select(self.attend(spread, k[lo:hi, :, :batch[3]], v[lo:hi, :, :batch[3]], mask, False), 0, rows)
  return y.reshape([n, self.heads * self.head_dim])

def attend_chunk(self, q: Tensor, k: Tensor, v: Tensor, slot: int, past: int, mask: Tensor, masked: bool) -> Tensor:
  # q [n, H, D]: a stretch of one prompt, after `past` cached positions.
  n = q.size(0)
  length = past + n
  g = self.heads // self.kv_heads
  # Key heads in the place of sequences, and their queries in that of heads: so the keys are shared without a copy.
  keys = k[slot, :, :length].unsqueeze(1).expand([self.kv_heads, g, length, self.head_dim])
  values = v[slot, :, :length].unsqueeze(1).expand([self.kv_heads, g, length, self.head_dim])
  queries = q.reshape([n, self.kv_heads, g, self.head_dim]).permute([1, 2, 0, 3])
  if masked:
    y = self.attend(queries, keys, values, mask, False)
  else:
    y = self.attend(queries, keys, values, None, True)
  return y.permute([2, 0, 1, 3]).reshape([n, self.heads * self.head_dim])

def attend_with_libtorch(self, q: Tensor, k: Tensor, v: Tensor, batch: List[int], chunks: List[int], rows: Tensor, decode_masks: List[Tensor], chunk_masks: List[Tensor], kind: int) -> Tensor:
  window = self.windows[kind]
  parts: List[Tensor] = []
  if batch[0] > 0:
    parts.append(self.attend_decoding(q[:batch[0]], k, v, rows, batch, decode_masks[kind], window))
  row = batch[0]
  for c in range(len(chunks) // 3):
    n = chunks[c * 3 + 1]
    past = chunks[c * 3 + 2]
    masked = past > 0 or self.attention_softcap > 0.0 or (window > 0 and n > window)
    parts.append(self.attend_chunk(q[row:row + n], k, v, chunks[c * 3], past, chunk_masks[c * len(self.windows) + kind], masked))
    row = row + n
  if len(parts) == 1:
    a = parts[0]
  else:
    a = torch.cat(parts, 0)
  return a

def embed(self, w: List[Tensor], ids: Tensor, ad: List[Tensor], ai: List[int]) -> Tensor:
  x = torch.embedding(w[EMBED], ids)
  if len(ad) > 0:
    owner = ad[len(ad) - 2]
    for r in range(ai[AI_REPLACEMENTS]):
      if ai[AI_SITES_END + r * 3] == EMBED:
        rows = torch.nonzero(owner == ai[AI_SITES_END + r * 3 + 1]).reshape([-1])
        x = torch.index_copy(x, 0, rows, torch.embedding(ad[ai[AI_SITES_END + r * 3 + 2]], torch.index_select(ids, 0, rows)))
    a = ad[EMBED * AD_SITE + AD_A]
    if a.numel() > 0:
      mask = ad[ai[AI_MASKS] + ai[AI_LAYOUTS + EMBED]]
      x = torch.addmm(x, torch.index_select(a, 0, ids) * mask, ad[EMBED * AD_SITE + AD_B])
    t = ai[AI_SITES_END - 1]
    for k in range(ai[t]):
      # Rows that an adapter puts in the place of some tokens' embeddings.
      hit = torch.logical_and(ids.unsqueeze(1) == ad[ai[t + 1 + k * 2 + 1]].unsqueeze(0), (owner == ai[t + 1 + k * 2]).unsqueeze(1))
      own = torch.matmul(hit.to(x.dtype), ad[ai[t + 1 + k * 2 + 1] + 1])
      x = torch.where(torch.any(hit, 1, True), own, x)
  if self.embedding_scale != 1.0:
    x = x * torch.scalar_tensor(self.embedding_scale, dtype=x.dtype, device=x.device)
  return x

def unembed(self, x: Tensor, w: List[Tensor], ad: List[Tensor], ai: List[int]) -> Tensor:
  # Logits [R, V] in float32 of final hidden states [R, hidden].
  logits = self.project(x, w, LM_HEAD, NO_BIAS, ad, ai)
  if len(ad) > 0 and self.tied:
    owner = ad[len(ad) - 2]
    t = ai[AI_SITES_END - 1]
    for k in range(ai[t]):
      ids = ad[ai[t + 1 + k * 2 + 1]]
      own = torch.linear(x, ad[ai[t + 1 + k * 2 + 1] + 1])
      kept = torch.index_select(logits, 1, ids)
      logits = torch.index_copy(logits, 1, ids, torch.where((owner == ai[t + 1 + k * 2]).unsqueeze(1), own, kept))
  logits = logits.to(6)
  if self.final_softcap > 0.0:
    logits = torch.tanh(logits / self.final_softcap) * self.final_softcap
  return logits

def queries_keys_values(self, b: int, i: int, x: Tensor, w: List[Tensor], tables: List[Tensor], ad: List[Tensor], ai: List[int]) -> List[Tensor]:
  # Of layer i, whose tensors begin at w[b]: rotated queries [T, H, D] and keys [T, K, D], and values [T, K, D].
  t = x.size(0)
  h = self.norm(x, w, b + INPUT_NORM, ad, ai)
  y = self.project_together(h, w, [b + Q_PROJ, b + K_PROJ, b + V_PROJ], [b + Q_BIAS, b + K_BIAS, b + V_BIAS], ad, ai)
  q = y[0].reshape([t, self.heads, self.head_dim])
  key = y[1].reshape([t, self.kv_heads, self.head_dim])
  value = y[2].reshape([t, self.kv_heads, self.head_dim])
  if self.qk_norm:
    # The norm computes in float32 in any case: rounded only after the rotation.
    q = self.norm(q.to(6), w, b + Q_NORM, ad, ai)
    key = self.norm(key.to(6), w, b + K_NORM, ad, ai)
  r = self.layer_ropes[i] * 2
  rotated = self.rotate(q, key, tables[r], tables[r + 1], value.dtype)
  return [rotated[0], rotated[1], value]

def after_attention(self, b: int, x: Tensor, a: Tensor, w: List[Tensor], ad: List[Tensor], ai: List[int]) -> Tensor:
  # What a layer does with x [T, hidden] and its attention a [T, H * D].
  a = self.project(a, w, b + O_PROJ, b + O_BIAS, ad, ai)
  if self.norm_after_sublayers:
    a = self.norm(a, w, b + POST_ATTENTION_NORM, ad, ai)
  x = x + a
  h = self.norm(x, w, b + PRE_MLP_NORM, ad, ai)
  y = self.project_together(h, w, [b + GATE_PROJ, b + UP_PROJ], [b + GATE_BIAS, b + UP_BIAS], ad, ai)
  m = self.activate(y[0]) * y[1]
  m = self.project(m, w, b + DOWN_PROJ, b + DOWN_BIAS, ad, ai)
  if self.norm_after_sublayers:
    m = self.norm(m, w, b + POST_MLP_NORM, ad, ai)
  return x + m

def layer(self, i: int, x: Tensor, w: List[Tensor], k: Tensor, v: Tensor, at: Tensor, slots: Tensor, positions: Tensor, tables: List[Tensor], batch: List[int], chunks: List[int], rows: Tensor, decode_masks: List[Tensor], chunk_masks: List[Tensor], ad: List[Tensor], ai: List[int]) -> Tensor:
  b = FIRST_LAYER + i * LAYER_TENSORS
  t = x.size(0)
  heads = self.queries_keys_values(b, i, x, w, tables, ad, ai)
  q = heads[0]
  k.view([-1, self.head_dim]).index_copy_(0, at, heads[1].reshape([t * self.kv_heads, self.head_dim]))
  v.view([-1, self.head_dim]).index_copy_(0, at, heads[2].reshape([t * self.kv_heads, self.head_dim]))
  kind = self.layer_windows[i]
  window = self.windows[kind]
  if self.java_kernels and t <= JAVA_ROWS:
    # Keys and values of this step are in the cache: the tokens of a chunk, too, each see what lies before them.
    a = ops.lorikeet.attend(q.contiguous(), k, v, slots, positions, window, self.attention_scale, self.attention_softcap)
  else:
    a = self.attend_with_libtorch(q, k, v, batch, chunks, rows, decode_masks, chunk_masks, kind)
  return self.after_attention(b, x, a, w, ad, ai)

def with_rows(self, adapters: List[Tensor], ai: List[int], combination: Tensor, owner: Tensor, dtype: int) -> List[Tensor]:
  # The adapters' tensors, and behind them what depends on the rows: a mask for each layout of ranks, then owner and combination.
  ad: List[Tensor] = []
  if len(adapters) > 0:
    for i in range(len(adapters)):
      if i < ai[AI_MASKS]:
        ad.append(adapters[i])
      else:
        ad.append(torch.index_select(adapters[i], 0, combination).to(dtype))
    ad.append(owner)
    ad.append(combination)
  return ad

def hidden_states(self, w: List[Tensor], k: List[Tensor], v: List[Tensor], inverse_frequencies: List[Tensor], ids: Tensor, positions: Tensor, slots: Tensor, rows: Tensor, batch: List[int], chunks: List[int], adapters: List[Tensor], ai: List[int], combination: Tensor, owner: Tensor, keep_all: bool) -> List[Tensor]:
  # After the embedding and after each layer, [T, hidden]; only the last one unless all are to be kept.
  ad = self.with_rows(adapters, ai, combination, owner, w[EMBED].dtype)
  x = self.embed(w, ids, ad, ai)
  masked = not (self.java_kernels and ids.size(0) <= JAVA_ROWS)
  tables = self.rope_tables(positions, inverse_frequencies)
  capacity = k[0].size(2)
  heads = torch.arange(self.kv_heads, device=ids.device).unsqueeze(0)
  at = ((slots.unsqueeze(1) * self.kv_heads + heads) * capacity + positions.unsqueeze(1)).reshape([-1])
  decode_masks: List[Tensor] = []
  mask_type = x.dtype
  if self.attention_softcap > 0.0:
    mask_type = 6
  if masked and batch[0] > 0:
    first = positions[:batch[0]]
    if batch[4] == 0:
      first = torch.index_copy(torch.zeros([batch[2]], dtype=4, device=ids.device), 0, rows, first)
    m = self.masks(first, batch[3], mask_type)
    for i in range(len(m)):
      decode_masks.append(m[i].unsqueeze(1).unsqueeze(1))
  chunk_masks: List[Tensor] = []
  if masked:
    row = batch[0]
    for c in range(len(chunks) // 3):
      n = chunks[c * 3 + 1]
      m = self.masks(positions[row:row + n], chunks[c * 3 + 2] + n, mask_type)
      for i in range(len(m)):
        chunk_masks.append(m[i])
      row = row + n
  out: List[Tensor] = []
  for i in range(self.layers):
    if keep_all:
      out.append(x)
    x = self.layer(i, x, w, k[i], v[i], at, slots, positions, tables, batch, chunks, rows, decode_masks, chunk_masks, ad, ai)
  out.append(x)
  return out

def step(self, w: List[Tensor], k: List[Tensor], v: List[Tensor], inverse_frequencies: List[Tensor], ids: Tensor, positions: Tensor, slots: Tensor, rows: Tensor, logit_rows: Tensor, batch: List[int], chunks: List[int], adapters: List[Tensor], ai: List[int], combination: Tensor, owner: Tensor) -> List[Tensor]:
  # Returns the greedy ids [R] and the logits [R, V] in float32 of the rows asked for.
  x = self.hidden_states(w, k, v, inverse_frequencies, ids, positions, slots, rows, batch, chunks, adapters, ai, combination, owner, False)[0]
  ad = self.with_rows(adapters, ai, torch.index_select(combination, 0, logit_rows), torch.index_select(owner, 0, logit_rows), x.dtype)
  x = self.norm(torch.index_select(x, 0, logit_rows), w, FINAL_NORM, ad, ai)
  logits = self.unembed(x, w, ad, ai)
  return [torch.argmax(logits, -1), logits]

def hidden_rms(self, w: List[Tensor], k: List[Tensor], v: List[Tensor], inverse_frequencies: List[Tensor], ids: Tensor, positions: Tensor, slots: Tensor, rows: Tensor, batch: List[int], chunks: List[int], adapters: List[Tensor], ai: List[int], combination: Tensor, owner: Tensor) -> Tensor:
  # Root mean square of the hidden state after the embedding, each layer but the last, and the final norm.
  states = self.hidden_states(w, k, v, inverse_frequencies, ids, positions, slots, rows, batch, chunks, adapters, ai, combination, owner, True)
  out: List[Tensor] = []
  for i in range(len(states) - 1):
    out.append(torch.sqrt(torch.mean(torch.pow(states[i].to(6), 2))))
  ad = self.with_rows(adapters, ai, combination, owner, states[0].dtype)
  out.append(torch.sqrt(torch.mean(torch.pow(self.norm(states[-1], w, FINAL_NORM, ad, ai).to(6), 2))))
  return torch.stack(out)

def score(self, logits: Tensor, rows: Tensor, ids: Tensor, top: int) -> List[Tensor]:
  # Log-probability and rank of each id in its row, then the `top` likeliest log-probabilities and ids. logits [R, V]; rows, ids [n]
  logp = torch.log_softmax(torch.index_select(logits, 0, rows), -1)
  own = torch.gather(logp, 1, ids.unsqueeze(1))
  rank = torch.sum(logp > own, [1]) + 1
  best, best_ids = torch.topk(logp, top, -1)
  return [own.squeeze(1), rank, best, best_ids]

def copy_prefix(self, k: List[Tensor], v: List[Tensor], source: int, target: int, length: int) -> Tensor:
  # Copies the keys and values of the first positions of one slot into another.
  for i in range(len(k)):
    k[i][target, :, :length].copy_(k[i][source, :, :length])
    v[i][target, :, :length].copy_(v[i][source, :, :length])
  return k[0]

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

def zeros(self, like: Tensor, shape: List[int]) -> Tensor:
  return torch.zeros(shape, dtype=like.dtype, device=like.device)

def dora_norm(self, weight: Tensor, a: Tensor, b: Tensor, scale: float) -> Tensor:
  # Length of each output row of W + s B A, [out] in float32. a [r, in], b [out, r]
  return torch.linalg_vector_norm(weight.to(6) + scale * torch.matmul(b.to(6), a.to(6)), 2, [1])

def copied_beside(self, x: Tensor, like: Tensor) -> Tensor:
  return x.to(like.device, x.dtype, False, True)

def max_difference(self, a: Tensor, b: Tensor) -> Tensor:
  return torch.max(torch.abs(a.to(6) - b.to(6))).reshape([1])

def concatenate_columns(self, parts: List[Tensor]) -> Tensor:
  return torch.cat(parts, 1)

def transposed(self, x: Tensor, factor: Tensor) -> Tensor:
  # x [n, m] in float32, each row times its factor, turned into [m, n]
  return torch.transpose(x * factor.unsqueeze(1), 0, 1).contiguous()

def as_float16(self, x: Tensor) -> Tensor:
  # The same bytes as float16: how DJL reads a bfloat16 tensor.
  return torch.empty([0], dtype=5, device=x.device).set_(x, 0, x.size(), x.stride())

def with_low_rank(self, w: Tensor, a: Tensor, b: Tensor, scale: float, magnitude: Tensor) -> Tensor:
  # Rows of W + s B A, [n, in], each brought to its magnitude if there is one (DoRA). a [r, in], b [n, r], magnitude [n] or empty; all float32
  y = w + scale * torch.matmul(b, a)
  if magnitude.numel() > 0:
    y = y * (magnitude / torch.linalg_vector_norm(y, 2, [1])).unsqueeze(1)
  return y

def columns(self, x: Tensor, start: int, count: int) -> Tensor:
  # Some columns of x [n, m], as rows
  return torch.transpose(x[:, start:start + count], 0, 1).contiguous()

def plus(self, a: Tensor, b: Tensor) -> Tensor:
  return a + b
