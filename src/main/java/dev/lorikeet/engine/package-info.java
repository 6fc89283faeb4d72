/// Turns token ids into token ids. The engine knows nothing of text, HTTP or files: requests come in as
/// [GenerationRequest], results leave as [GenerationEvent]s on the [TokenStream] that was handed out.
package dev.lorikeet.engine;
