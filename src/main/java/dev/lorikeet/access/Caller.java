package dev.lorikeet.access;

import java.util.Optional;

/// Whoever makes a request.
public sealed interface Caller {
    /// To whom belongs what this caller makes; empty: to nobody in particular.
    Optional<String> owner();

    /// Whether this caller may change the server and see what belongs to others.
    boolean isAdmin();

    /// Whether a file or job of this owner exists for this caller. What belongs to nobody is from before there were keys.
    default boolean sees(Optional<String> owner) {
        return isAdmin() || owner.isPresent() && owner.equals(owner());
    }

    /// Whether this caller may use an adapter of this owner; one that belongs to nobody is everybody's.
    default boolean mayUse(Optional<String> owner) {
        return owner.isEmpty() || sees(owner);
    }

    /// The server has no keys: whoever reaches it may do everything.
    record Anyone() implements Caller {
        @Override
        public Optional<String> owner() {
            return Optional.empty();
        }

        @Override
        public boolean isAdmin() {
            return true;
        }
    }

    /// A key for work: texts, files and jobs of its own.
    record User(String name) implements Caller {
        @Override
        public Optional<String> owner() {
            return Optional.of(name);
        }

        @Override
        public boolean isAdmin() {
            return false;
        }
    }

    /// A key for everything.
    record Admin(String name) implements Caller {
        @Override
        public Optional<String> owner() {
            return Optional.of(name);
        }

        @Override
        public boolean isAdmin() {
            return true;
        }
    }
}
