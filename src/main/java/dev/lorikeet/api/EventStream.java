package dev.lorikeet.api;

/// An answer that is written piece by piece once the request has been accepted: the entity of a streamed response.
interface EventStream {
    /// Writes everything and ends the response. Runs on the request's virtual thread and blocks.
    void write();
}
