/// LoRA adapters: their files (PEFT's format), what they hold in memory, and how those of a batch go into one step. An adapter is an
/// argument of the forward pass; the base is never changed.
package dev.lorikeet.adapter;
