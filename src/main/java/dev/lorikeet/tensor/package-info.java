/// The tensor programs of serving and training (TorchScript source under `src/main/resources/torchscript`) and the only code that touches `ai.djl.pytorch`.
/// Everything that depends on the device is here.
package dev.lorikeet.tensor;
