package dev.lorikeet.chat.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/// What `namespace` makes: the one value whose attributes a template can set.
final class Namespace {
    final Map<String, Object> attributes = new LinkedHashMap<>();
}
