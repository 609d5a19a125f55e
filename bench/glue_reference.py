"""Fine-tunes BERT on a GLUE task with Hugging Face transformers and trains heads on its states with PyTorch, as a
reference for `bertvision finetune`, `extract` and `train`.

AdamW (decay 0.01, none on biases and LayerNorm), linear warm-up over 10 % of the steps, then linear decay to 0, gradient
clipping at 1.0, the configuration's dropout, windows cut longest first and padded to the longest of their batch, fp32.
At --checkpoint (epochs) and at the end the dev file is scored; on the states of the checkpoint two heads are trained: a
linear layer on the last [CLS] state (Adam 1e-3, batches of 64, ten epochs, as `--recipe rows`), and the study's AP head
over all states (its own AdamW, 2e-4, batch of the task, one epoch, as `--recipe texts` for a narrow backbone).

One JSON object a system on stdout.
"""
import argparse
import json
import math

import torch
from scipy import stats
from sklearn import metrics
from torch import nn
from torch.nn import functional as F
from transformers import AutoTokenizer, BertForSequenceClassification, get_linear_schedule_with_warmup
from transformers.utils import logging

import glue_files

DECAY, WARMUP, CLIP = 0.01, 0.1, 1.0
AP_RATE = 2e-4


def encoded(tokenizer, task, path):
    length, _ = glue_files.length_and_batch(task)
    made = []
    for texts, label in glue_files.rows(task, path):
        piece = tokenizer(*texts, truncation="longest_first", max_length=length)
        made.append((piece["input_ids"], piece["token_type_ids"], label))
    return made


def collate(batch):
    longest = max(len(ids) for ids, _, _ in batch)
    pad = lambda values, fill: values + [fill] * (longest - len(values))  # noqa: E731
    return {"input_ids": torch.tensor([pad(ids, 0) for ids, _, _ in batch]),
            "token_type_ids": torch.tensor([pad(types, 0) for _, types, _ in batch]),
            "attention_mask": torch.tensor([pad([1] * len(ids), 0) for ids, _, _ in batch])}


def labels(batch, regression):
    return torch.tensor([label for _, _, label in batch], dtype=torch.float32 if regression else torch.long)


def loss_of(logits, target):
    return F.mse_loss(logits.squeeze(1), target) if target.is_floating_point() else F.cross_entropy(logits, target)


def score(task, logits, data):
    golds = [label for _, _, label in data]
    if glue_files.metric(task) == "pearson":
        return float(stats.pearsonr(logits.squeeze(1).numpy(), golds)[0])
    chosen = logits.argmax(1).numpy()
    scorer = metrics.matthews_corrcoef if glue_files.metric(task) == "matthews" else metrics.accuracy_score
    return float(scorer(golds, chosen))


@torch.no_grad()
def in_order(data, size, compute):
    return torch.cat([compute(data[i:i + size]) for i in range(0, len(data), size)])


@torch.no_grad()
def states_of(model, data, length):
    """The [CLS] states of the last layer [n, H], and all states padded to `length` [n, T, L, H] in f16."""
    model.eval()
    cls, everything = [], []
    for i in range(0, len(data), 32):
        batch = collate(data[i:i + 32])
        states = torch.stack(model.bert(**batch, output_hidden_states=True).hidden_states, 2)  # [B, T, L, H]
        cls.append(states[:, 0, -1].clone())
        states = states * batch["attention_mask"][:, :, None, None]
        everything.append(F.pad(states, (0, 0, 0, 0, 0, length - states.shape[1])).half())
    return torch.cat(cls), torch.cat(everything)


class Ap(nn.Module):
    """The study's AP head: a shared adapter (width: the length), everything flattened. Places past a text count as 0."""

    def __init__(self, length, layers, hidden, classes):
        super().__init__()
        self.adapter, self.output = nn.Linear(hidden, length), nn.Linear(length * length * layers, classes)

    def forward(self, states):
        there = (states.abs().sum((2, 3)) > 0)[:, :, None, None]
        return self.output((F.gelu(self.adapter(states.float())) * there).permute(0, 1, 3, 2).flatten(1))


class StudyAdamW(torch.optim.Optimizer):
    """AdamW as the study had it: moments without bias correction, decay after the step and none of biases."""

    def __init__(self, parameters, lr):
        super().__init__(parameters, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                if not state:
                    state["mean"], state["square"] = torch.zeros_like(p), torch.zeros_like(p)
                state["mean"].mul_(0.9).add_(p.grad, alpha=0.1)
                state["square"].mul_(0.999).addcmul_(p.grad, p.grad, value=0.001)
                p.addcdiv_(state["mean"], state["square"].sqrt().add_(1e-6), value=-group["lr"])
                if p.dim() > 1:
                    p.mul_(1 - group["lr"] * DECAY)


def train_head(head, states, target, optimizer, epochs, size, seed, schedule=None):
    generator = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for part in torch.randperm(len(states), generator=generator).split(size):
            optimizer.zero_grad()
            loss_of(head(states[part]), target[part]).backward()
            optimizer.step()
            if schedule:
                schedule.step()
    return head.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--task", required=True, choices=glue_files.TASKS)
    parser.add_argument("--train", required=True)
    parser.add_argument("--dev", required=True)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--checkpoint", type=int, default=1)
    parser.add_argument("--lr", type=float, default=5e-5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.manual_seed(options.seed)
    names, metric = glue_files.label_names(options.task), glue_files.metric(options.task)
    length, size = glue_files.length_and_batch(options.task)
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    train, dev = (encoded(tokenizer, options.task, path) for path in (options.train, options.dev))
    classes, regression = 1 if names is None else len(names), names is None
    model = BertForSequenceClassification.from_pretrained(options.model, num_labels=classes, dtype=torch.float32)
    plain = [name for name, _ in model.named_parameters() if name.endswith(".bias") or "LayerNorm" in name]
    optimizer = torch.optim.AdamW(
        [{"params": [p for n, p in model.named_parameters() if n not in plain], "weight_decay": DECAY},
         {"params": [p for n, p in model.named_parameters() if n in plain], "weight_decay": 0.0}], lr=options.lr)
    total = math.ceil(len(train) / size) * options.epochs
    schedule = get_linear_schedule_with_warmup(optimizer, int(WARMUP * total), total)
    generator = torch.Generator().manual_seed(options.seed)

    def report(system, logits):
        print(json.dumps({"system": system, "seed": options.seed, "metric": metric,
                          "score": score(options.task, logits, dev)}), flush=True)

    for epoch in range(1, options.epochs + 1):
        model.train()
        for part in torch.randperm(len(train), generator=generator).split(size):
            batch = [train[i] for i in part]
            loss_of(model(**collate(batch)).logits, labels(batch, regression)).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        model.eval()
        if epoch in (options.checkpoint, options.epochs):
            report(f"BERT, epoch {epoch}", in_order(dev, 32, lambda part: model(**collate(part)).logits))
        if epoch == options.checkpoint:
            (cls, states), (dev_cls, dev_states) = (states_of(model, data, length) for data in (train, dev))
            target = labels(train, regression)
            linear = nn.Linear(cls.shape[1], classes)
            train_head(linear, cls, target, torch.optim.Adam(linear.parameters(), 1e-3), 10, 64, options.seed)
            report("last-layer head", linear(dev_cls).detach())
            ap = Ap(length, states.shape[2], states.shape[3], classes)
            steps = len(states) // size
            study = StudyAdamW(ap.parameters(), AP_RATE)
            decay = get_linear_schedule_with_warmup(study, int(WARMUP * steps), steps)
            train_head(ap, states, target, study, 1, size, options.seed, decay)
            report("AP head", in_order(dev_states, 64, lambda part: ap(part)).detach())
            del states, dev_states


if __name__ == "__main__":
    main()
