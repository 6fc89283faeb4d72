package dev.lorikeet.job;

import java.util.Optional;

/// Why a job failed. @param code a word such as `invalid_training_file` @param param the field of the request at fault
public record JobError(String code, String message, Optional<String> param) {}
