package dev.lorikeet.terminal;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/// How a conversation begins. @param model a model or adapter of the server @param system the system prompt; empty for none
public record ChatSettings(String model, String system, OptionalDouble temperature, OptionalInt maxTokens) {}
