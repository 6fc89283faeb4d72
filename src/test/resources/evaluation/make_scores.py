"""Writes scores.json: python make_scores.py (needs sacrebleu; rouge_score from github.com/google-research/google-research/tree/master/rouge).

Korean has no words for rouge_score, so it is given a tokenizer: what stands between blanks, without punctuation.
"""
import json
import re

import sacrebleu
from rouge_score import rouge_scorer

PAIRS = [
    ("the cat sat on the mat", "the cat sat on the mat"),
    ("The quick brown fox jumps over the lazy dog", "The quick brown dog jumps on the log."),
    ("You will pick fruit and help with the daily work.", "You'll be picking fruit and generally helping us do all the usual farm work."),
    ("", "nothing was said"),
    ("something", ""),
    ("a", "b"),
    ("ab", "a b\u00a0\u3000"),
    ("안녕하세요. 무엇을 도와드릴까요?", "안녕하세요, 무엇을 도와 드릴까요?"),
    ("비가 와서 제습기를 돌려요", "제습기를 돌려보세요."),
    ("👍🏽 emoji 👩‍👩‍👧 stay", "emoji 👍 stay 👩"),
    ("aaaaaaa", "aaa"),
    ("1,000.5 won", "1,000 Won"),
]


class KoreanWords:
    def tokenize(self, text):
        return re.findall(r"[^\W_]+", text.lower())


ascii_rouge = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False)
korean_rouge = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=False, tokenizer=KoreanWords())
pairs = []
for hypothesis, reference in PAIRS:
    korean = bool(re.search("[가-힣]", reference))
    rouge = korean_rouge if korean else ascii_rouge
    pairs.append({"hypothesis": hypothesis, "reference": reference, "chrf": sacrebleu.sentence_chrf(hypothesis, [reference]).score,
                  "rouge_l": rouge.score(reference, hypothesis)["rougeL"].fmeasure})
corpus = sacrebleu.corpus_chrf([h for h, _ in PAIRS], [[r for _, r in PAIRS]])
json.dump({"sacrebleu": sacrebleu.__version__, "corpus_chrf": corpus.score, "pairs": pairs}, open("scores.json", "w"), ensure_ascii=False, indent=1)
