"""Questions as (question, context, (answer, its code point) or None): from SQuAD files, and into one."""
import json


def squad(folder):
    for path in sorted(folder.glob("squad2/*.json")):
        for article in json.loads(path.read_text())["data"]:
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    first = None if qa["is_impossible"] else qa["answers"][0]
                    yield qa["question"], paragraph["context"], first and (first["text"], first["answer_start"])


def write(path, examples):
    paragraphs = [
        {"context": c, "qas": [{"id": str(i), "question": q, "is_impossible": a is None,
                                "answers": [{"text": a[0], "answer_start": a[1]}] if a else []}]}
        for i, (q, c, a) in enumerate(examples)
    ]
    path.write_text(json.dumps({"version": "v2.0", "data": [{"title": "t", "paragraphs": paragraphs}]}))
