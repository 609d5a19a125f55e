"""GLUE's tab-separated files as both sides of glue.py need them."""
import csv

# train and dev file; columns of the texts and of the label; label names; length; batch; score
TASKS = {
    "cola": ("CoLA/train.tsv", "CoLA/dev.tsv", (3,), 1, ["0", "1"], 128, 16, "matthews"),
    "sst-2": ("SST-2/train.tsv", "SST-2/dev.tsv", ("sentence",), "label", ["0", "1"], 128, 32, "accuracy"),
    "mrpc": ("MRPC/msr_paraphrase_train.txt", "MRPC/msr_paraphrase_test.txt", ("#1 String", "#2 String"), "Quality",
             ["0", "1"], 128, 32, "accuracy"),
    "rte": ("RTE/train.tsv", "RTE/dev.tsv", ("sentence1", "sentence2"), "label", ["not_entailment", "entailment"], 250, 16,
            "accuracy"),
    "sts-b": ("STS-B/train.tsv", "STS-B/dev.tsv", ("sentence1", "sentence2"), "score", None, 128, 16, "pearson"),
    "wnli": ("WNLI/train.tsv", "WNLI/dev.tsv", ("sentence1", "sentence2"), "label", ["0", "1"], 98, 16, "accuracy"),
}


def files(task):
    return TASKS[task][:2]


def metric(task):
    return TASKS[task][7]


def label_names(task):
    """None where the label is a number to be predicted."""
    return TASKS[task][4]


def length_and_batch(task):
    return TASKS[task][5:7]


def rows(task, path):
    """Pairs of (texts, label) of a file, the label an index into label_names or a number."""
    _, _, columns, label, names, *_ = TASKS[task]
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    head = {name: i for i, name in enumerate(lines[0])}
    place = (lambda column: column) if task == "cola" else head.__getitem__
    for line in lines if task == "cola" else lines[1:]:
        text = line[place(label)]
        yield [line[place(column)] for column in columns], float(text) if names is None else names.index(text)
