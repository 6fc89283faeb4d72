package dev.lorikeet.model;

/// What the tensor program finds of a quantised matrix: for each part, a list with a place for every site. What a scheme does not have is
/// passed as an empty tensor; a site without scales is not quantised and its codes are the weight itself.
public enum WeightPart {
    /// `[out, in / 2]` (two values in a byte) or `[out, in]` (int8). int4: as libtorch packs it for this processor.
    CODES,
    /// Four bits: the largest absolute value of each block, in float32 or, doubly quantised, in codes of eight bits. int8: `[out]`. int4:
    /// `[in / group, out, 2]`, scale and zero point.
    SCALES,
    /// The largest absolute value of each 256 scales, minus their mean.
    NESTED_SCALES,
    /// The mean of the scales.
    NESTED_OFFSET,
    /// The 256 values that a code of a scale stands for.
    NESTED_MAP,
    /// Four bits: `[256, 2]`, the two values of each byte. int4: in which order rows are packed.
    TABLE
}
