"""One contender on one table with one seed: `python -m demo.benchmark.one '{"table": ...}'`.

A process of its own, so that processor time and memory are the contender's. It prints the figures as
JSON in its last line.
"""

import json
import logging
import resource
import sys
import time
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import final

import numpy as np

from artifact_torch.table_comparison import membership
from demo.benchmark.contenders import CONTENDERS, Contender
from demo.benchmark.measures import (
    nearness,
    sdmetrics_quality,
    share_of_copies,
    two_sample_auc,
    utility,
)
from demo.benchmark.tables import MeasuredTable, bundled, given

TRAIN_SHARE = 0.7


@final
@dataclass(frozen=True, kw_only=True)
class Question:
    """What is measured. `file` and `target` are of a table of one's own, else it is a bundled one."""

    table: str
    method: str
    seed: int
    file: str | None = None
    target: str | None = None
    n_rows: int | None = None
    """At most so many rows of the table, drawn by seed 0."""

    @property
    def words(self) -> str:
        """As JSON, for a command line."""
        return json.dumps(asdict(self))

    def found(self) -> MeasuredTable:
        """Its table."""
        if self.file is None:
            return bundled(self.table)
        return given(Path(self.file), self.target)


def answered(question: Question) -> dict[str, float]:
    """The figures. Seven of ten rows, drawn by the seed, are for training; the others are held out.

    As many rows are generated as there are for training.
    """
    data = question.found()
    table = data.table
    if question.n_rows is not None and len(table) > question.n_rows:
        table = table.sample(question.n_rows, random_state=0).reset_index(drop=True)
    order = np.random.default_rng(question.seed).permutation(len(table))
    n_train = int(TRAIN_SHARE * len(table))
    train, held_out = (
        table.iloc[rows].reset_index(drop=True) for rows in (order[:n_train], order[n_train:])
    )
    spec = data.spec
    began = time.process_time()
    contender: Contender = CONTENDERS[question.method][1](spec, question.seed)
    contender.fit(train)
    fitted = time.process_time()
    generated = contender.generate(n_train)[[*spec.features]].reset_index(drop=True)
    made = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = membership(train=train, held_out=held_out, generated=generated, spec=spec)
    figures: dict[str, float | None] = {
        **nearness(train, generated, spec),
        "sdmetrics": sdmetrics_quality(train, generated, spec),
        "c2st": two_sample_auc(held_out, generated, spec, question.seed),
        "tstr": utility(generated, held_out, spec, data.target, question.seed),
        "trtr": utility(train, held_out, spec, data.target, question.seed),
        "membership": found.auc,
        "membership_low": found.interval[0],
        "membership_high": found.interval[1],
        "copies": share_of_copies(train, generated),
        "fit_s": fitted - began,
        "generate_s": made - fitted,
        "memory_mb": memory,
    }
    return {name: round(value, 5) for name, value in figures.items() if value is not None}


def read(words: str) -> Question:
    """What `Question.words` wrote."""
    return Question(**json.loads(words))


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # those of other packages
    logging.disable(logging.WARNING)
    print(json.dumps(answered(read(sys.argv[1]))))
