package dev.lorikeet.chat.jinja;

import java.util.Iterator;

/// What `map`, `select` and others return: it can be read once, has no length, and is always true.
record Generator(Iterator<Object> iterator) {}
