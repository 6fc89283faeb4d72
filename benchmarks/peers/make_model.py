#!/usr/bin/env python3
"""Writes a Llama-shaped bfloat16 checkpoint of 135 million random weights with a tokenizer.

    make_model.py FOLDER

The weights are random, so only speed means anything. The tokenizer needs no training data: its words are made of syllables, and each
word with the blank before it is exactly one token, so that a prompt of n words has n tokens on every server. `words.json` lists them.
"""
import itertools
import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM

VOCABULARY = 49_152
SPECIAL = ["<|unknown|>", "<|begin|>", "<|end|>"]
BLANK = "\u0120"  # how byte-level tokenizers write a blank


def vocabulary():
    """Tokens, the merges that build them from left to right, and the tokens that are whole words."""
    tokens = SPECIAL + sorted(pre_tokenizers.ByteLevel.alphabet())
    known = set(tokens)
    merges, words = [], []
    consonants, vowels = "bcdfghjklmnprstvwz", "aeiou"
    shapes = [(consonants, vowels), (consonants, vowels, consonants), (consonants, vowels, consonants, vowels), (consonants, vowels, consonants, vowels, consonants)]
    for letters in itertools.chain.from_iterable(itertools.product(*shape) for shape in shapes):
        for length in range(1, len(letters) + 1):
            token = BLANK + "".join(letters[:length])
            if token not in known:
                if len(tokens) == VOCABULARY:
                    return tokens, merges, words
                known.add(token)
                tokens.append(token)
                merges.append((token[:-1], token[-1]))
        words.append("".join(letters))
    raise AssertionError("too few words for the vocabulary")


def write_tokenizer(folder):
    tokens, merges, words = vocabulary()
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(SPECIAL)
    sample = "".join(" " + word for word in words[::97])
    assert len(tokenizer.encode(sample).ids) == len(words[::97]), "a word must be one token"
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "words.json").write_text(json.dumps(words))
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "PreTrainedTokenizerFast", "unk_token": SPECIAL[0], "bos_token": SPECIAL[1], "eos_token": SPECIAL[2],
        "clean_up_tokenization_spaces": False, "model_max_length": 2048,
        "chat_template": "{% for m in messages %}{{ m['content'] + ' ' }}{% endfor %}"}, indent=1))


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(135)
    config = LlamaConfig(vocab_size=VOCABULARY, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
                         num_key_value_heads=3, max_position_embeddings=2048, tie_word_embeddings=True, bos_token_id=1, eos_token_id=2)
    model = LlamaForCausalLM(config).to(torch.bfloat16)
    model.generation_config.do_sample = False
    model.save_pretrained(folder)
    write_tokenizer(folder)
    print(f"{folder}: {sum(p.numel() for p in model.parameters()) / 1e6:.1f} million parameters")


if __name__ == "__main__":
    main()
