/// Learns adapters on the served weights: options, the training loop, optimizers, schedules, checkpoints. One trainer thread computes.
///
/// Shapes: T tokens of a micro-batch, R of them learned, H hidden size, V vocabulary, r rank.
package dev.lorikeet.training;
