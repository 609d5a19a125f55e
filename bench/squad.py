"""SQuAD for the peers: reading, filtering, windows of the Hugging Face fast tokenizer, official scores.

Written from the published definitions, apart from the program's own code, so that the two can be compared.
Run by itself it copies a file without its unanswerable questions: squad.py SOURCE TARGET.
"""
import argparse
import bisect
import collections
import dataclasses
import json
import os
import re
import string

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

MAX_LENGTH, DOC_STRIDE = 384, 128


@dataclasses.dataclass
class Question:
    id: str
    text: str
    context: str
    answers: list  # of (text, first code point)


@dataclasses.dataclass
class Window:
    question: int  # index into the questions
    ids: list
    types: list
    offsets: list  # code points of every piece
    context: range  # the pieces of the context
    start: int  # label pieces; 0 and 0 where the first answer does not lie fully inside
    end: int


def read(path, limit=0):
    """The questions of a SQuAD file in its order; limit: only the first so many, 0 for all."""
    questions = []
    with open(path, encoding="utf-8") as file:
        articles = json.load(file)["data"]
    for article in articles:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answers = [] if qa.get("is_impossible") else qa.get("answers", [])
                pairs = [(answer["text"], answer["answer_start"]) for answer in answers]
                questions.append(Question(qa["id"], qa["question"], paragraph["context"], pairs))
    return questions[:limit] if limit else questions


def write_answerable(source, target):
    """Copies a SQuAD file without its unanswerable questions, and without what is then empty."""
    with open(source, encoding="utf-8") as file:
        content = json.load(file)
    for article in content["data"]:
        for paragraph in article["paragraphs"]:
            paragraph["qas"] = [qa for qa in paragraph["qas"] if qa.get("answers") and not qa.get("is_impossible")]
        article["paragraphs"] = [paragraph for paragraph in article["paragraphs"] if paragraph["qas"]]
    content["data"] = [article for article in content["data"] if article["paragraphs"]]
    with open(target, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False)


def _label(question, offsets, context):
    """Piece range of the first answer, or (0, 0)."""
    if not question.answers or not context:
        return 0, 0
    text, begin = question.answers[0]
    end = begin + len(text)
    begins = [offsets[i][0] for i in context]
    ends = [offsets[i][1] for i in context]
    if begins[0] > begin or ends[-1] < end:
        return 0, 0
    return context.start + bisect.bisect_right(begins, begin) - 1, context.start + bisect.bisect_left(ends, end)


def windows(model_folder, questions, max_length=MAX_LENGTH, stride=DOC_STRIDE):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_folder, use_fast=True)
    encoded = tokenizer([q.text for q in questions], [q.context for q in questions], truncation="only_second",
                        max_length=max_length, stride=stride, return_overflowing_tokens=True,
                        return_offsets_mapping=True, padding=False)
    made = []
    for i, number in enumerate(encoded["overflow_to_sample_mapping"]):
        pieces = [j for j, part in enumerate(encoded.sequence_ids(i)) if part == 1]
        context = range(pieces[0], pieces[-1] + 1) if pieces else range(0)
        offsets = encoded["offset_mapping"][i]
        start, end = _label(questions[number], offsets, context)
        made.append(Window(number, encoded["input_ids"][i], encoded["token_type_ids"][i], offsets, context, start, end))
    return made


_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalized(text):
    text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return " ".join(_ARTICLES.sub(" ", text).split())


def _f1(answer, gold):
    answer, gold = normalized(answer).split(), normalized(gold).split()
    if not answer or not gold:
        return float(answer == gold)
    common = sum((collections.Counter(answer) & collections.Counter(gold)).values())
    return 2 * common / (len(answer) + len(gold))


def scores(questions, answers):
    """Exact match and F1 in per cent by the official definition; answers: {id: text}, every question answered."""
    exact = f1 = 0.0
    for question in questions:
        golds = [text for text, _ in question.answers if normalized(text)] or [""]
        answer = answers[question.id]
        exact += max(normalized(answer) == normalized(gold) for gold in golds)
        f1 += max(_f1(answer, gold) for gold in golds)
    return {"exact_match": 100 * exact / len(questions), "f1": 100 * f1 / len(questions)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Copies a SQuAD file without its unanswerable questions.")
    parser.add_argument("source")
    parser.add_argument("target")
    options = parser.parse_args()
    write_answerable(options.source, options.target)
