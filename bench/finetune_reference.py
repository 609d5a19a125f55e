"""Fine-tunes BERT for SQuAD with Hugging Face transformers, as a reference for `bertvision finetune`.

AdamW (decay 0.01, none on biases and LayerNorm), linear warm-up over 10 % of the steps, then linear decay to 0,
gradient clipping at 1.0, the configuration's dropout, windows of 384 pieces that overlap by 128, padded to the
longest of their batch, fp32. At every checkpoint the dev file is answered by the best of the 20 x 20 best starts
and ends in the context, at most 30 pieces long, never "no answer", and scored by the official definition.

One JSON object a checkpoint on stdout.
"""
import argparse
import collections
import json
import sys
import time

import torch
from torch.nn import functional as F
from transformers import BertForQuestionAnswering, get_linear_schedule_with_warmup
from transformers.utils import logging

import squad

CANDIDATES, MAX_ANSWER = 20, 30
DECAY, WARMUP, CLIP = 0.01, 0.1, 1.0
EVAL_BATCH = 32


def collate(windows):
    length = max(len(window.ids) for window in windows)

    def padded(name, fill):
        return torch.tensor([list(getattr(window, name)) + [fill] * (length - len(window.ids)) for window in windows])

    ids, types = padded("ids", 0), padded("types", 0)
    mask = torch.tensor([[1] * len(window.ids) + [0] * (length - len(window.ids)) for window in windows])
    return {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}


def labels(windows):
    return (torch.tensor([window.start for window in windows]), torch.tensor([window.end for window in windows]))


def optimizer_of(model, lr):
    plain = [name for name, _ in model.named_parameters() if name.endswith(".bias") or "LayerNorm" in name]
    groups = [{"params": [p for n, p in model.named_parameters() if n not in plain], "weight_decay": DECAY},
              {"params": [p for n, p in model.named_parameters() if n in plain], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=lr)


def best_span(window, start, end):
    """(score, first code point, end code point) of a window's best span; None if its context is empty."""
    if not window.context:
        return None
    inside = slice(window.context.start, window.context.stop)
    count = min(CANDIDATES, len(window.context))
    starts, ends = start[inside].topk(count), end[inside].topk(count)
    first, last = starts.indices[:, None], ends.indices[None, :]
    allowed = (first <= last) & (last - first < MAX_ANSWER)
    score = torch.where(allowed, starts.values[:, None] + ends.values[None, :], -torch.inf)
    row, column = divmod(int(score.argmax()), count)
    if score[row, column] == -torch.inf:
        return None
    pieces = [window.context.start + int(i) for i in (starts.indices[row], ends.indices[column])]
    return float(score[row, column]), window.offsets[pieces[0]][0], window.offsets[pieces[1]][1]


@torch.no_grad()
def evaluate(model, questions, windows):
    model.eval()
    best = collections.defaultdict(list)
    loss = 0.0
    order = sorted(windows, key=lambda window: len(window.ids))
    for first in range(0, len(order), EVAL_BATCH):
        batch = order[first:first + EVAL_BATCH]
        output = model(**collate(batch))
        for window, start, end in zip(batch, output.start_logits, output.end_logits):
            start, end = start[:len(window.ids)], end[:len(window.ids)]
            both = F.cross_entropy(start, torch.tensor(window.start)) + F.cross_entropy(end, torch.tensor(window.end))
            loss += both.item() / 2
            span = best_span(window, start, end)
            if span:
                best[window.question].append(span)
    answers = {}
    for number, question in enumerate(questions):
        _, begin, end = max(best[number], default=(0, 0, 0), key=lambda span: span[0])
        answers[question.id] = question.context[begin:end]
    model.train()
    return {**squad.scores(questions, answers), "loss": loss / len(windows)}


def batches(windows, size, generator):
    """Without end: epochs of shuffled batches, the last of an epoch may be smaller."""
    while True:
        for part in torch.randperm(len(windows), generator=generator).split(size):
            yield [windows[i] for i in part]


def train(options, train_windows, dev, dev_windows):
    torch.manual_seed(options.seed)
    model = BertForQuestionAnswering.from_pretrained(options.model, dtype=torch.float32).train()
    per_epoch = -(-len(train_windows) // options.batch_size)
    wanted = [epoch for epoch in options.checkpoints if epoch < options.epochs] + [options.epochs]
    points = {max(1, int(epoch * per_epoch + 0.5)): epoch for epoch in wanted}
    total = max(points)
    optimizer = optimizer_of(model, options.lr)
    schedule = get_linear_schedule_with_warmup(optimizer, int(WARMUP * total), total)
    source = batches(train_windows, options.batch_size, torch.Generator().manual_seed(options.seed))
    seconds, seen, recent = 0.0, 0, collections.deque(maxlen=20)
    for step in range(1, total + 1):
        begin = time.perf_counter()
        batch = next(source)
        start, end = labels(batch)
        loss = model(**collate(batch), start_positions=start, end_positions=end).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        seconds += time.perf_counter() - begin
        seen += len(batch)
        recent.append(loss.item())
        if step in points:
            yield {"seed": options.seed, "epoch": points[step], "step": step, "train_loss": sum(recent) / len(recent),
                   **evaluate(model, dev, dev_windows), "windows": seen, "train_seconds": seconds}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="Hugging Face folder")
    parser.add_argument("--train", required=True, help="SQuAD file")
    parser.add_argument("--dev", required=True, help="SQuAD file")
    parser.add_argument("--answerable-only", action="store_true", help="leave unanswerable questions out of both files")
    parser.add_argument("--limit", type=int, default=0, help="only the first so many questions of each file; 0: all")
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--checkpoints", type=lambda text: [float(part) for part in text.split(",")], default=[0.3, 1, 2])
    parser.add_argument("--lr", type=float, default=2e-4)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    files = [squad.read(path) for path in (options.train, options.dev)]
    if options.answerable_only:
        files = [[question for question in questions if question.answers] for questions in files]
    training, dev = (questions[:options.limit or None] for questions in files)
    if not training or not dev:
        sys.exit("error: no questions are left to train on or to score")
    for point in train(options, squad.windows(options.model, training), dev, squad.windows(options.model, dev)):
        print(json.dumps(point), flush=True)


if __name__ == "__main__":
    main()
