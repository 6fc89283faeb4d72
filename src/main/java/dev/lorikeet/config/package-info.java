/// The options, typed and with their defaults: read at the edge, handed on as records.
package dev.lorikeet.config;
