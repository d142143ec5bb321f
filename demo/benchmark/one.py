"""One contender on one table with one seed: `python -m demo.benchmark.one '{"table": ...}'`.

A process of its own, so that processor time and memory are the contender's. It prints the figures as
JSON in its last line.
"""

import json
import logging
import math
import resource
import sys
import time
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import final

import numpy as np
import pandas as pd

from artifact_torch.table_comparison import TableSpec, membership
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
_FEWEST_DRAWS, _ROWS_DRAWN = 5, 10_000
_MOST_DRAWS = 100  # seeds that are of one seed


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
    n_draws: int | None = None
    """Tables that are generated, at most 100; the figures are their means. By default so many that they
    have 10,000 rows together, at least five.
    """

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

    As many rows are generated as there are for training, again and again: a classifier tells one draw of
    a few hundred rows from the held-out ones with an AUC that varies by .04 from draw to draw, and what
    is learned from it predicts with an R² that varies by .065 (both on diabetes, 309 rows).
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
    tables = [contender.generate(n_train)]
    made = time.process_time()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    enough = min(max(_FEWEST_DRAWS, math.ceil(_ROWS_DRAWN / max(n_train, 1))), _MOST_DRAWS)
    n_draws = enough if question.n_draws is None else question.n_draws
    tables += [contender.generate(n_train) for _ in range(n_draws - 1)]
    asked = _Asked(train=train, held_out=held_out, spec=spec, target=data.target)
    of_draws = [
        asked.figures(
            table[[*spec.features]].reset_index(drop=True), _MOST_DRAWS * question.seed + n
        )
        for n, table in enumerate(tables)
    ]
    figures = {
        **{name: float(np.mean([each[name] for each in of_draws])) for name in of_draws[0]},
        "c2st_least": min(each["c2st"] for each in of_draws),
        "c2st_most": max(each["c2st"] for each in of_draws),
        "trtr": utility(train, held_out, spec, data.target, question.seed),
        "fit_s": fitted - began,
        "generate_s": made - fitted,
        "memory_mb": memory,
    }
    return {name: round(value, 5) for name, value in figures.items()}


@final
@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a drawn table is compared with."""

    train: pd.DataFrame
    held_out: pd.DataFrame
    spec: TableSpec
    target: str

    def figures(self, generated: pd.DataFrame, seed: int) -> dict[str, float]:
        """Of one draw; `seed` is of folds and of what trees choose."""
        train, held_out, spec = self.train, self.held_out, self.spec
        found = membership(train=train, held_out=held_out, generated=generated, spec=spec)
        sdmetrics = sdmetrics_quality(train, generated, spec)
        return {
            **nearness(train, generated, spec),
            **({} if sdmetrics is None else {"sdmetrics": sdmetrics}),
            "c2st": two_sample_auc(held_out, generated, spec, seed),
            "tstr": utility(generated, held_out, spec, self.target, seed),
            "membership": found.auc,
            "membership_low": found.interval[0],
            "membership_high": found.interval[1],
            "copies": share_of_copies(train, generated),
        }


def read(words: str) -> Question:
    """What `Question.words` wrote."""
    return Question(**json.loads(words))


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # those of other packages
    logging.disable(logging.WARNING)
    print(json.dumps(answered(read(sys.argv[1]))))
