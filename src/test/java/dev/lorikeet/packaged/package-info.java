/// The packaged server, started as a user starts it, and tried with the clients that users bring. Run by failsafe.
package dev.lorikeet.packaged;
