package dev.lorikeet.catalog;

/// Memory of the device that models are loaded to, and of this process, at one moment.
///
/// @param device `cpu` or `cuda:N` @param availableBytes that can still be taken there @param processBytes what this process holds of the machine's memory
public record DeviceMemory(String device, long totalBytes, long availableBytes, long processBytes) {}
