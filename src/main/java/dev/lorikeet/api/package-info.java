/// HTTP as OpenAI, vLLM and llama.cpp speak it: JSON into [dev.lorikeet.chat.TextRequest]s, [dev.lorikeet.chat.TextEvent]s
/// into JSON or server-sent events. Resources are thin; a request is valid once its record exists. Every request runs on
/// a virtual thread of its own and blocks there; the event loop only parses and writes bytes.
package dev.lorikeet.api;
