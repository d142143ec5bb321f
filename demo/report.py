"""What the demo shows and keeps at the end of a run."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, final

import pandas as pd

from artifact_torch import TrainingResult
from artifact_torch.contracts import ResultKind
from artifact_torch.internal.pictures import draw
from artifact_torch.table_comparison import TableComparisonResources, TableSpec
from artifact_torch.tables import ColumnSpecs, Kind

_PACKAGES = ("torch", "pandas", "artifact-core")

_CONTENTS = {
    "report.html": "all of it to look at, in any browser: curves, pictures, failures, settings",
    "generated.csv": "the generated rows, by the best weights",
    "generated.png": "each of their columns beside the real one",
    "summary.json": "the scores of these rows, and how the run ended",
    "scores.csv": "every score by epoch and step",
    "plots": "pictures of the training: of its last weights, which need not be the best",
    "arrays": "the artifacts that are arrays",
    "settings.json": "configuration, versions, revision of the source",
    "status.json": "how the run stands",
    "record.jsonl": "all results in their order; the other files are made of it",
    "best": "the weights of the best epoch",
    "checkpoints": "what a run goes on from",
}


@final
@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How good the generated rows are."""

    scores: pd.DataFrame
    """See `beside_ceilings`."""
    copies: float
    """The share of generated rows that are equal to a real row in every column of the spec."""
    taught: Mapping[str, float]
    """See `taught`."""


def comparison_table(
    columns: ColumnSpecs, real: pd.DataFrame, generated: pd.DataFrame
) -> pd.DataFrame:
    """One row per column: mean and deviation, or the commonest category and its share, or how many
    values there are; and the share that is missing, where any is.
    """
    rows: dict[str, dict[str, str]] = {}
    for column in columns:
        if column.kind == "drop":
            continue
        both = real[column.name], generated[column.name]
        cells = dict(zip(("real", "generated"), _words(column.kind, *both), strict=True))
        rows[str(column.name)] = {
            side: words + _missing(values)
            for (side, words), values in zip(cells.items(), both, strict=True)
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def picture(spec: TableSpec, real: pd.DataFrame, generated: pd.DataFrame) -> bytes:
    """A PNG: the distribution of each column of the generated table beside that of the real one."""
    from artifact_torch.table_comparison.comparison import Comparison  # with artifact-core

    columns = list(spec.features)
    resources = TableComparisonResources(
        spec=spec, df_real=real[columns], generated=generated[columns]
    )
    # Any: what an artifact gives may be anything, this one a figure
    drawn: Any = Comparison(resources).compute(ResultKind.PLOT, "DISTRIBUTIONS")
    return draw(drawn)


def write_summary(path: Path, result: TrainingResult, outcome: Outcome, source: str) -> None:
    """`summary.json`: the table, scores beside their ceilings, epochs, seconds, versions."""
    seconds = {name: round(value, 3) for name, value in asdict(result.seconds).items()}
    scores = {
        str(name): {str(of): float(value) for of, value in row.dropna().items()}
        for name, row in outcome.scores.iterrows()
    }
    summary = {
        "table": source,
        "final_scores": scores,
        "share_of_copied_rows": outcome.copies,
        "taught": dict(outcome.taught),
        "epochs": result.n_epochs_elapsed,
        "steps": result.n_steps,
        "best_epoch": result.best_epoch,
        "stop_reason": result.stop_reason,
        "seconds": seconds,
        "versions": {"python": platform.python_version()}
        | {package: version(package) for package in _PACKAGES},
    }
    path.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


def contents(folder: Path) -> str:
    """What is in the run folder, a line each."""
    there = {name: words for name, words in _CONTENTS.items() if (folder / name).exists()}
    return "\n".join(f"  {name:18} {words}" for name, words in there.items())


def _words(kind: Kind, real: pd.Series, generated: pd.Series) -> tuple[str, str]:
    if kind == "numeric":
        return _moments(real), _moments(generated)
    if kind == "datetime":
        return _span(real), _span(generated)
    if kind == "fresh":
        return _distinct(real), _distinct(generated)
    present = real.dropna().astype(str)
    common = str(present.mode().iloc[0]) if len(present) else "nothing"
    return _share(real, common), _share(generated, common)


def _missing(column: pd.Series) -> str:
    share = float(column.isna().mean())
    return f", {share:.1%} missing" if share else ""


def _moments(column: pd.Series) -> str:
    return f"{column.mean():.2f} ± {column.std():.2f}"


def _span(column: pd.Series) -> str:
    return f"{column.min()} to {column.max()}"


def _distinct(column: pd.Series) -> str:
    return f"{column.nunique():,} distinct values"


def _share(column: pd.Series, category: str) -> str:
    return f"{category}: {(column.astype(str) == category).mean():.1%}"
