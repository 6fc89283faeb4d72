package dev.lorikeet.registry;

/// Where a version of an adapter is.
public enum AdapterState {
    /// On its way from one of the other places to another. Requests wait.
    LOADING,
    /// Ready to run.
    DEVICE,
    /// Evicted, its tensors kept in host memory. Comes back when a request asks for it.
    HOST,
    /// Evicted, its folder remembered. Comes back when a request asks for it.
    DISK,
    /// Runs its last requests.
    UNLOADING
}
