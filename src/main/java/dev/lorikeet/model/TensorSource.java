package dev.lorikeet.model;

/// Where in a checkpoint a tensor of the decoder stands.
///
/// @param name key in the safetensors files
/// @param fromRow first row, for a part of a fused matrix @param rows number of rows; 0: the whole tensor
public record TensorSource(String name, long fromRow, long rows) {

    public static TensorSource whole(String name) {
        return new TensorSource(name, 0, 0);
    }
}
