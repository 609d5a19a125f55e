"""The original system's way of extracting states and of training heads on them, as a yardstick.

  extract  Hugging Face's BERT in fp32, every window padded to 386, all hidden states as fp32 into an HDF5 file,
           [windows, layers, tokens, hidden] in chunks of 16 windows, the file opened anew for every batch of 16.
  train    One epoch of a head on such a file: windows in random order, PyTorch, batch 16, Adam 1e-3,
           loss = CE(start) + CE(end) over all 386 positions.

The result is one JSON object on stdout. Threads: OMP_NUM_THREADS, else all cores.
"""
import argparse
import json
import os
import sys
import time

import h5py
import numpy as np
import torch
from torch.nn import functional as F

import squad

PADDED, CHUNK, BATCH = 386, 16, 16


def padded_inputs(windows):
    """ids, token types and attention mask, each [windows, 386]."""
    ids, types, mask = (np.zeros((len(windows), PADDED), np.int64) for _ in range(3))
    for row, window in enumerate(windows):
        length = len(window.ids)
        ids[row, :length], types[row, :length], mask[row, :length] = window.ids, window.types, 1
    return torch.from_numpy(ids), torch.from_numpy(types), torch.from_numpy(mask)


def create_file(path, windows, config):
    shape = (config.num_hidden_layers + 1, PADDED, config.hidden_size)
    with h5py.File(path, "w") as file:
        file.create_dataset("embeds", shape=(len(windows), *shape), maxshape=(None, *shape), chunks=(CHUNK, *shape),
                            dtype=np.float32)
        file["start_ids"] = np.array([window.start for window in windows])
        file["end_ids"] = np.array([window.end for window in windows])


def extract(options):
    from transformers import BertModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    begin = time.perf_counter()
    windows = squad.windows(options.model, squad.read(options.data, options.limit))
    model = BertModel.from_pretrained(options.model, dtype=torch.float32, add_pooling_layer=False).eval()
    work_begin = time.perf_counter()
    create_file(options.states, windows, model.config)
    for first in range(0, len(windows), CHUNK):
        ids, types, mask = padded_inputs(windows[first:first + CHUNK])
        with torch.no_grad():
            states = model(input_ids=ids, token_type_ids=types, attention_mask=mask, output_hidden_states=True).hidden_states
        array = torch.stack(states).permute(1, 0, 2, 3).numpy()
        with h5py.File(options.states, "a") as file:
            file["embeds"][first:first + len(ids)] = array
    end = time.perf_counter()
    tokens = sum(len(window.ids) for window in windows)
    return {"windows": len(windows), "tokens": tokens, "seconds": end - work_begin,
            "tokens_per_second": tokens / (end - work_begin), "seconds_with_loading": end - begin,
            "bytes": os.path.getsize(options.states)}


class Dense(torch.nn.Linear):
    """Keras' dense layer: Glorot uniform, no bias at the start."""

    def reset_parameters(self):
        torch.nn.init.xavier_uniform_(self.weight)
        torch.nn.init.zeros_(self.bias)


class LearnedPooling(torch.nn.Module):
    def __init__(self, layers, hidden):
        super().__init__()
        self.weight = torch.nn.Parameter(0.05 * torch.randn(layers))
        self.scale = torch.nn.Parameter(torch.ones(()))
        self.output = Dense(hidden, 2)

    def forward(self, states):  # [B, L, T, H]
        return self.output(self.scale * torch.einsum("l,blth->bth", torch.softmax(self.weight, 0), states))


class SharedAdapterSkip(torch.nn.Module):
    """One projection to 64 for all layers; flattened per token, last layer appended."""

    def __init__(self, layers, hidden, width=64):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.nn.init.trunc_normal_(torch.empty(hidden, width), std=1e-3, a=-2e-3, b=2e-3))
        self.bias = torch.nn.Parameter(torch.zeros(width))
        self.output = Dense(layers * width + hidden, 2)

    def forward(self, states):
        narrow = F.gelu(states @ self.weight + self.bias, approximate="tanh")  # [B, L, T, d]
        flat = narrow.permute(0, 2, 3, 1).flatten(2)  # feature-major: feature * layers + layer
        return self.output(torch.cat([flat, states[:, -1]], 2))


HEADS = {"learned-pooling": LearnedPooling, "adapter-64-shared-skip": SharedAdapterSkip}


def read_batch(embeds, rows, how):
    """window: one read a window, collated, as the original's data set does; batch: one h5py selection."""
    if how == "batch":
        return torch.from_numpy(embeds[rows])
    return torch.stack([torch.from_numpy(embeds[row]) for row in rows])


def train(options):
    torch.manual_seed(options.seed)
    file = h5py.File(options.states, "r")
    embeds = file["embeds"]
    starts, ends = torch.from_numpy(file["start_ids"][:]), torch.from_numpy(file["end_ids"][:])
    head = HEADS[options.head](embeds.shape[1], embeds.shape[3])
    optimizer = torch.optim.Adam(head.parameters(), lr=1e-3, eps=1e-8)
    order = torch.randperm(len(embeds))[:options.max_windows or None].split(BATCH)
    reading = 0.0
    begin = time.perf_counter()
    for rows in order:
        rows = rows.sort().values  # h5py selects in rising order only
        read_begin = time.perf_counter()
        states = read_batch(embeds, rows.tolist(), options.read)
        reading += time.perf_counter() - read_begin
        logits = head(states)
        loss = F.cross_entropy(logits[..., 0], starts[rows]) + F.cross_entropy(logits[..., 1], ends[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    seconds = time.perf_counter() - begin
    windows = sum(len(rows) for rows in order)
    return {"head": options.head, "read": options.read, "windows": windows, "seconds": seconds,
            "windows_per_second": windows / seconds, "reading_share": reading / seconds, "last_loss": loss.item()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=["extract", "train"])
    parser.add_argument("--states", required=True, help="the HDF5 file: written by extract, read by train")
    parser.add_argument("--data", help="SQuAD file (extract)")
    parser.add_argument("--model", help="Hugging Face folder (extract)")
    parser.add_argument("--limit", type=int, default=0, help="only the first so many questions (extract)")
    parser.add_argument("--head", choices=HEADS, default="adapter-64-shared-skip")
    parser.add_argument("--read", choices=["batch", "window"], default="batch",
                        help="a batch by one selection of h5py, or window by window")
    parser.add_argument("--max-windows", type=int, default=0, help="stop after so many windows of the random order (train)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.work == "extract" and not (options.data and options.model):
        parser.error("extract needs --data and --model")
    result = extract(options) if options.work == "extract" else train(options)
    json.dump({"way": "original", "work": options.work, **result, "threads": torch.get_num_threads(),
               "torch": torch.__version__}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
