package dev.lorikeet.terminal;

/// What somebody has said. @param role `system`, `user` or `assistant`
record Message(String role, String content) {}
