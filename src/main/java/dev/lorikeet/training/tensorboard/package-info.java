/// The event files that TensorBoard shows.
package dev.lorikeet.training.tensorboard;
