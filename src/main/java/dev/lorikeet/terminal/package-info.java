/// What a person at a terminal uses: conversations with a server, the progress of jobs and transfers, tables. Knows servers by their HTTP API
/// alone. Whatever a server says passes [dev.lorikeet.terminal.PlainText] before it reaches the terminal.
package dev.lorikeet.terminal;
