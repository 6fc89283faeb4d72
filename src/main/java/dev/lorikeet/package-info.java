/// Lorikeet serves a base language model, trains LoRA adapters on it and swaps them live.
package dev.lorikeet;
