package dev.lorikeet.api;

import java.io.InputStream;

/// A form that is on its way in. @param contentType with the boundary between its parts
record Upload(InputStream body, String contentType) {}
