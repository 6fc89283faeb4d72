/// Puts a LoRA adapter into the weights of its base, for good: a checkpoint of its own that needs neither. Runs beside the server on a
/// mapping of its own; nothing that serves is touched.
package dev.lorikeet.merge;
