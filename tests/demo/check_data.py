"""Checks the demo's data: offsets, ids, uniqueness, sizes, the split by passage. Run: check_data.py DEMO_DATA_FOLDER"""
import json
import sys
from pathlib import Path

TYPES = {"person", "place", "date", "number", "thing", "reason", "group", "process", "description"}


def passages(folder):
    for split in ("train", "dev"):
        for article in json.loads((folder / f"{split}.json").read_text(encoding="utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                yield split, article["title"], paragraph


def check_span(context, span, where):
    begin, text = span["answer_start"], span["text"]
    assert context[begin:begin + len(text)] == text, f"{where}: '{text}' is not at {begin}"
    assert text == text.strip() and text, f"{where}: '{text}' has spaces around it"
    before, after = context[begin - 1:begin], context[begin + len(text):begin + len(text) + 1]
    assert not before.isalnum() and not after.isalnum(), f"{where}: '{text}' cuts a word"


def check_question(context, qa):
    where = qa["id"]
    assert qa["question"].endswith("?"), f"{where}: not a question"
    assert qa["answer_type"] in TYPES, f"{where}: answer_type {qa['answer_type']}"
    if qa["is_impossible"]:
        assert qa["answers"] == [] and qa["plausible_answers"], f"{where}: no plausible answer"
    else:
        assert qa["answers"], f"{where}: no answer"
    for span in qa["answers"] + qa.get("plausible_answers", []):
        check_span(context, span, where)


def main(folder):
    contexts, ids, questions, titles = set(), set(), set(), {"train": set(), "dev": set()}
    for split, title, paragraph in passages(folder):
        context, qas = paragraph["context"], paragraph["qas"]
        assert 80 <= len(context.split()) <= 150, f"{title}: {len(context.split())} words"
        assert context not in contexts, f"{title}: the passage stands twice"
        contexts.add(context)
        titles[split].add(title)
        impossible = sum(qa["is_impossible"] for qa in qas)
        assert len(qas) - impossible >= 8 and 3 <= impossible <= 4, f"{title}: {len(qas)} questions, {impossible} impossible"
        for qa in qas:
            check_question(context, qa)
            assert qa["id"] not in ids, f"{qa['id']} stands twice"
            assert qa["question"] not in questions, f"{qa['id']}: the question stands twice"
            ids.add(qa["id"])
            questions.add(qa["question"])
    assert len(contexts) >= 60, f"{len(contexts)} passages"
    assert not titles["train"] & titles["dev"], "a passage is in both splits"
    print(f"{len(contexts)} passages, {len(questions)} questions: all well")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
