/// Files on disk: what the server reads and writes whole or not at all, the files of clients, and how it says that a file is wrong.
package dev.lorikeet.store;
