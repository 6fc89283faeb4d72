package dev.lorikeet.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What a key is for.
public enum Role {
    USER, ADMIN;

    /// As files and answers write it.
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Role> of(String word) {
        return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
    }

    public Caller caller(String name) {
        return switch (this) {
            case USER -> new Caller.User(name);
            case ADMIN -> new Caller.Admin(name);
        };
    }
}
