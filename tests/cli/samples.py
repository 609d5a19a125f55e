"""Files for the cases: small good ones, and the tools to make bad ones from them. Standard library only."""

import json
import random
import struct

CONTEXT = "The old mill stands by the river Aar. It was built in 1742 by Anna Keller and ground rye until 1911."


def question(identifier="q1", text="Who built the mill?", answer="Anna Keller", start=None, **more):
    answers = [{"text": answer, "answer_start": CONTEXT.find(answer) if start is None else start}]
    return {"id": identifier, "question": text, "answers": answers, **more}


def unanswerable(identifier="q2", text="Who burned the mill?"):
    return {"id": identifier, "question": text, "answers": [], "is_impossible": True}


def squad(*questions, context=CONTEXT, version="v2.0"):
    questions = list(questions) or [question(is_impossible=False), unanswerable()]
    return json.dumps(
        {"version": version, "data": [{"title": "Mill", "paragraphs": [{"context": context, "qas": questions}]}]}
    )


VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + sorted(
    {word for word in CONTEXT.lower().replace(".", " .").split()} | {"who", "burned", "?"} | set("abcdefghijklmnopqrstuvwxyz")
    | {"##" + letter for letter in "abcdefghijklmnopqrstuvwxyz0123456789"} | set("0123456789")
)

CONFIG = {
    "architectures": ["BertForQuestionAnswering"],
    "model_type": "bert",
    "vocab_size": len(VOCAB),
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 64,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "attention_probs_dropout_prob": 0.1,
    "pad_token_id": 0,
}


def weight_shapes():
    hidden, wide = CONFIG["hidden_size"], CONFIG["intermediate_size"]
    shapes = {
        "bert.embeddings.word_embeddings.weight": [CONFIG["vocab_size"], hidden],
        "bert.embeddings.position_embeddings.weight": [CONFIG["max_position_embeddings"], hidden],
        "bert.embeddings.token_type_embeddings.weight": [CONFIG["type_vocab_size"], hidden],
        "bert.embeddings.LayerNorm.weight": [hidden],
        "bert.embeddings.LayerNorm.bias": [hidden],
        "qa_outputs.weight": [2, hidden],
        "qa_outputs.bias": [2],
    }
    for layer in range(CONFIG["num_hidden_layers"]):
        prefix = f"bert.encoder.layer.{layer}."
        linears = {
            "attention.self.query": (hidden, hidden),
            "attention.self.key": (hidden, hidden),
            "attention.self.value": (hidden, hidden),
            "attention.output.dense": (hidden, hidden),
            "intermediate.dense": (wide, hidden),
            "output.dense": (hidden, wide),
        }
        for name, shape in linears.items():
            shapes[f"{prefix}{name}.weight"] = list(shape)
            shapes[f"{prefix}{name}.bias"] = [shape[0]]
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{prefix}{name}.weight"] = [hidden]
            shapes[f"{prefix}{name}.bias"] = [hidden]
    return shapes


def safetensors(tensors):
    """tensors: {name: (dtype, shape, bytes)}"""
    header, data = {}, b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def weights(**changes):
    """The weights of the small model; changes: {name: (dtype, shape, bytes)}, None leaves the tensor out."""
    source = random.Random(7)
    tensors = {}
    for name, shape in weight_shapes().items():
        size = shape[0] * (shape[1] if len(shape) > 1 else 1)
        values = [1.0 if name.endswith("LayerNorm.weight") else source.gauss(0, 0.02) for _ in range(size)]
        tensors[name] = ("F32", shape, struct.pack(f"<{size}f", *values))
    tensors.update(changes)
    return safetensors({name: tensor for name, tensor in tensors.items() if tensor is not None})


WEIGHTS = weights()


def model(folder="model", config=None, vocab=None, content=None):
    """The files of a small BERT; config: keys to change, None removes one."""
    settings = {**CONFIG, **(config or {})}
    return {
        f"{folder}/config.json": json.dumps({key: value for key, value in settings.items() if value is not None}),
        f"{folder}/vocab.txt": "\n".join(VOCAB) + "\n" if vocab is None else vocab,
        f"{folder}/tokenizer_config.json": json.dumps({"do_lower_case": True}),
        f"{folder}/model.safetensors": WEIGHTS if content is None else content,
    }


# Good files that most cases start from; a later dictionary with the same name makes one of them bad.
GOOD = {
    "dev.json": squad(),
    "p.json": '{"q1": "Anna Keller", "q2": ""}',
    "odds.json": '{"q1": -3.5, "q2": 4}',
}
RTE = "index\tsentence1\tsentence2\tlabel\n" + "".join(
    f"{row}\tThe old mill stands by the river.\tThe mill was built.\t{label}\n"
    for row, label in enumerate(["entailment", "not_entailment"] * 3)
)
UNANNOTATED = squad({"id": "q1", "question": "Who?", "answers": [], "is_impossible": False})
