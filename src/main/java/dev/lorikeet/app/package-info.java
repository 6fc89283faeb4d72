/// Wiring, the command line and its commands, start and stop in a written order, health. Ties the hub to catalog and registry, which
/// know only that there are other sources of folders.
package dev.lorikeet.app;
