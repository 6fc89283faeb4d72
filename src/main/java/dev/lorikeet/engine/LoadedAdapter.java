package dev.lorikeet.engine;

/// An adapter in memory as the engine sees it: something that is or is not the same as another.
public interface LoadedAdapter {
    /// Never given twice in the life of the process, so that nothing computed with one adapter is taken for another's.
    long id();

    /// Whether it may be scaled and added to others.
    boolean isAdditive();
}
