/// Files on disk: what the server reads and writes, and how it says that a file is wrong.
package dev.lorikeet.store;
