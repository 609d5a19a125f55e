"""heads: the zoo and one head of it."""

from harness import Case
from samples import model

HEADS = [
    Case("heads", 0, "adapter-386-shared-skip"),
    Case("heads lp-1xn-cnn --backbone bert-large", 0, "311,324"),
    Case("heads ap --json --tokens 128 --backbone bert-large", 0, '"parameters": 950402'),
    Case("heads xception-abbr --outputs 1 --batch-size 64", 0, "263,041"),
    Case("heads adapter-46-shared", 2, "did you mean adapter-64-shared"),
    Case("heads sesquipedalian", 2, "unknown head 'sesquipedalian'; `bertvision heads` lists them"),
    Case("heads layer-7", 2, "from 0 (embeddings) to 6"),
    Case("heads ap detect-parts", 2, "unexpected argument 'detect-parts'"),
    Case("heads --backbone nowhere", 1, "model 'nowhere' is not a folder, not 'minilm'"),
    Case("heads --backbone bert-huge", 1, "model 'bert-huge' is not a folder, not 'minilm'"),
    Case("heads --backbone empty", 1, "cannot open 'empty/config.json': No such file", {"empty": None}),
    Case("heads --backbone model", 1, "model/config.json: key 'hidden_size' is missing", model(config={"hidden_size": None})),
    Case("heads --backbone model", 0, "learned-pooling", model()),
    Case("heads --backbone bert-large --json", 0, '"last-layer"'),
]

CASES = HEADS
