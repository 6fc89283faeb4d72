/// Text in, text out: messages become a prompt (chat template, tokenizer), tokens become text (incremental
/// detokenizer, stop strings). Nothing here knows of HTTP.
package dev.lorikeet.chat;
