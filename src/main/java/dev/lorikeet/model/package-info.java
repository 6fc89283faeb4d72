/// A checkpoint becomes a decoder: `config.json` is read into a [dev.lorikeet.model.DecoderConfig] by its family, the tensors
/// are mapped from safetensors files and handed to the tensor program without a copy.
package dev.lorikeet.model;
