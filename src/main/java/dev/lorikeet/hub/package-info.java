/// The Hugging Face Hub: downloads into the cache that Python's `huggingface_hub` uses, and uploads. Knows names, files and bytes, nothing of what is in them.
package dev.lorikeet.hub;
