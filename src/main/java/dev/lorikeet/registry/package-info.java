/// The adapters of this server: their names and versions, who uses them, and where they are (device, host memory, disk). What changes
/// tensors happens on the loader thread of this package; the engine learns of an adapter only through the requests that name it.
package dev.lorikeet.registry;
