package dev.lorikeet.config;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// How answers are grounded, for one model or for all.
public interface RagConfig {
    /// Whether to search without being asked; false if absent.
    Optional<Boolean> search();

    /// Whether an answer without sources is an error; false if absent.
    Optional<Boolean> require();

    /// What NAVER searches; `search-types` if absent.
    Optional<List<String>> types();

    /// Documents that a search may put into a prompt; 5 if absent.
    OptionalInt count();

    /// File of the prompt's template; the built-in one if absent.
    Optional<String> template();
}
