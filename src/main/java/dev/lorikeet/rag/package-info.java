/// Documents for the prompt: found by search clients, cleaned, ranked, cut to a token budget, written into the question, and cited from the answer.
package dev.lorikeet.rag;
