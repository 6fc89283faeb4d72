package dev.lorikeet.tensor;

/// libtorch could not get the memory that a computation needs. What it had taken so far belongs to its owners as always.
public final class OutOfNativeMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    OutOfNativeMemoryException(String message, Throwable cause) {
        super(message, cause);
    }

    /// Whether libtorch's complaint is that an allocator has no more.
    static boolean isMeant(RuntimeException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("can't allocate memory") || message.contains("not enough memory") || message.contains("out of memory");
    }
}
