/// CPU kernels written in Java with the Vector API and registered as operators of libtorch, so that the tensor program calls them as
/// `ops.lorikeet.name(…)`. They exist where a profile showed that libtorch leaves memory bandwidth unused; see
/// `docs/decisions/java-kernels.md`. Everywhere else, and on a GPU, libtorch's own kernels run.
package dev.lorikeet.tensor.kernel;
