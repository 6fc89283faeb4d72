/// Wiring, the command line, start and stop in a written order, health.
package dev.lorikeet.app;
