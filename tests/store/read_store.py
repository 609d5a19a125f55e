"""Reads a store with nothing but the standard library, numpy and the safetensors package, and checks every
number against the formula of src/store/store_testing.h. Usage: read_store.py FOLDER"""
import json
import pathlib
import sys

import numpy as np
import safetensors

NUMPY = {"F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32, "I8": np.int8, "U8": np.uint8}


def tensors(path):
    for name, entry in safetensors.deserialize(path.read_bytes()):
        if entry["dtype"] == "BF16":  # the upper half of an f32
            values = (np.frombuffer(entry["data"], np.uint16).astype(np.uint32) << 16).view(np.float32)
        else:
            values = np.frombuffer(entry["data"], NUMPY[entry["dtype"]])
        yield name, values.reshape(entry["shape"])


folder = pathlib.Path(sys.argv[1])
index = json.loads((folder / "index.json").read_text())
lines = [json.loads(line) for line in (folder / "examples.jsonl").read_text().splitlines()]
contexts = {line["context"]: line["text"] for line in lines if "text" in line}
examples = [line for line in lines if "example" in line]
assert len(examples) == index["examples"]["examples"] == 3
for example in examples:
    for answer in example["answers"]:
        text = contexts[example["context"]].encode()[answer["begin"]:][: len(answer["text"].encode())]
        assert text.decode() == answer["text"]


def states(data):
    if index["codec"] != "int8":
        return data["states"], 0
    scales = data["token_scale"][:, :, None] * data["channel_scale"]
    return data["states"] * scales, scales / 2 * 1.001  # rounding to the nearest, and f32


seen = []
for shard in index["shards"]:
    data = dict(tensors(folder / shard["file"]))
    assert data["states"].shape == (shard["tokens"], len(index["layers"]), index["hidden"])
    values, tolerance = states(data)
    offsets = data["offsets"]
    for row, window in enumerate(data["window"].tolist()):
        begin, end = offsets[row], offsets[row + 1]
        t, l, h = np.indices(values[begin:end].shape)
        error = np.abs(values[begin:end] - ((window * 31 + t * 7 + l * 3 + h) % 17 / 8 - 1))
        assert (error <= (tolerance[begin:end] if index["codec"] == "int8" else 0)).all()
        assert end - begin == 2 + window % 5
        assert data["input_ids"][begin:end].tolist() == [window * 100 + i for i in range(end - begin)]
        assert data["token_type_ids"][begin:end].tolist() == [0] + [1] * (end - begin - 1)
        assert data["ranges"][begin:end].tolist() == [[i, i + 1] for i in range(end - begin)]
        assert data["example"][row] == window % 3
        assert data["labels"][row].tolist() == [window % 2, end - begin - 1]
        assert data["context"][row].tolist() == [1, end - begin]
        seen.append(window)
assert sorted(seen) == list(range(index["windows"]))
