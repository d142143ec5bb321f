"""The page: what its templates are given."""

import base64
import hashlib
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Final, final

import numpy as np
from markupsafe import Markup

from artifact_torch.report import words
from artifact_torch.report.chart import N_COLOURS, Chart, chart
from artifact_torch.report.comparison import ScoreSummary, differing_rows, final_scores, summaries
from artifact_torch.report.frame import frame_of, spark
from artifact_torch.report.glance import answers, changed
from artifact_torch.report.panels import panels_of
from artifact_torch.report.pictures import galleries
from artifact_torch.report.templates import template
from artifact_torch.run_folder.recorded_run import RecordedRun
from artifact_torch.run_folder.recorded_scores import Curve

MOST_BYTES: Final = 5_000_000
"""Of a page."""

_OF_PICTURES = 3_500_000
_OF_CURVES = 1_500_000
_TO_SPARE = 100_000  # for names and texts of pictures
_A_POINT = 26  # bytes: its place, and its value for hovering
_FINEST = 360  # parts of the axis: one each pixel of a chart
_MOST_CHARTS = 200
_MOST_ROWS = 500
_MOST_TOLD = 200  # failures, warnings: of all runs
_MOST_SUMMARY = 20_000  # letters: of all runs


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class _Share:
    """Of the time of a run."""

    name: str
    seconds: float
    share: str
    left: float
    width: float


def html(runs: Sequence[RecordedRun]) -> str:
    """The page of one run, or of several beside each other: one HTML file with all that it needs, of
    5 MB at most.
    """
    found = panels_of(runs)
    panels = found[:_MOST_CHARTS]
    n_lines = sum(len(panel.lines) for panel in panels)
    n_buckets = max(2, min(_FINEST, _OF_CURVES // (_A_POINT * 4 * max(1, n_lines))))
    frame = frame_of(runs, n_buckets)
    charts = [chart(panel, frame) for panel in panels]
    style, script = _text("page.css"), _text("page.js")
    page = partial(
        template("page.html.jinja").render,
        title=runs[0].name if len(runs) == 1 else f"{len(runs)} runs",
        policy=(
            f"default-src 'none'; img-src data:; style-src {_hash(style)}; "
            f"script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
        ),
        style=Markup(style),  # noqa: S704  (our own files)
        script=Markup(script),  # noqa: S704
        runs=runs,
        only=runs[0] if len(runs) == 1 else None,
        charts=charts,
        finals=final_scores(runs)[:_MOST_ROWS],
        different=differing_rows(runs)[:_MOST_ROWS],
        contents=_contents(runs, charts),
        thinned=_thinned(charts, len(found)),
        most_told=max(10, _MOST_TOLD // len(runs)),
        most_settings=max(50, _MOST_ROWS // len(runs)),
        most_summary=max(2000, _MOST_SUMMARY // len(runs)),
        n_colours=N_COLOURS,
        **_FUNCTIONS,
    )
    written = page(galleries=[])
    if not any(run.pictures for run in runs):
        return written
    room = MOST_BYTES - _TO_SPARE - len(written.encode("utf-8", "replace"))
    return page(galleries=galleries(runs, max(0, min(_OF_PICTURES, room))))


def _contents(runs: Sequence[RecordedRun], charts: Sequence[Chart]) -> list[tuple[str, str]]:
    """What can be jumped to."""
    pictures = [("pictures", "Pictures")] if any(run.pictures for run in runs) else []
    curves = [("curves", "Curves")] if charts else []
    if len(runs) > 1:
        own = [(f"run-{number}", run.name) for number, run in enumerate(runs)]
        first = [("runs", "Runs"), ("scores", "Final scores"), ("differences", "Differences")]
        return [*first, *curves, *pictures, *own]
    run = runs[0]
    return [
        *curves,
        ("scores", "Scores"),
        *pictures,
        *([("collections", "Collections")] if run.collections else []),
        ("trouble", "Failures and warnings"),
        *([("model", "Model")] if run.summary else []),
        *([("parts", "Parts")] if run.parts else []),
        ("settings", "Settings and versions"),
        ("again", "To make it again"),
    ]


def _thinned(charts: Sequence[Chart], n_found: int) -> str:
    """What is drawn of how much."""
    drawn = sum(line.n_drawn for each in charts for line in each.lines)
    there = sum(line.n_finite for each in charts for line in each.lines)
    told = "Every recorded point is drawn."
    if drawn < there:
        told = (
            f"Of {there:,} points, {drawn:,} are drawn: of each part of an axis the first, the "
            "lowest, the highest and the last."
        )
    more = n_found - len(charts)
    left_out = f" {words.count(more, 'more chart is', 'more charts are')} left out." if more else ""
    return (
        f"{told}{left_out} A ring marks the best moment, red strokes below a curve values that are "
        "NaN or infinite."
    )


def _times(run: RecordedRun) -> list[_Share]:
    """Where the time went."""
    parts = {name: max(0.0, each) for name, each in run.seconds.items() if np.isfinite(each)}
    whole = sum(parts.values())
    if not whole:
        return []
    shares: list[_Share] = []
    left = 0.0
    for name, each in parts.items():
        width = 100 * each / whole
        shares.append(
            _Share(
                name=name,
                seconds=each,
                share=f"{width:.0f} %",
                left=round(left, 2),
                width=round(width, 2),
            )
        )
        left += width
    return shares


def _took(run: RecordedRun) -> float:
    """Seconds in `train()`; else as far as its newest score; NaN where neither is known."""
    if run.seconds:
        return sum(each for each in run.seconds.values() if np.isfinite(each))
    ends = [float(curve.seconds[-1]) for curve in run.scores.values() if len(curve.seconds)]
    return max(ends, default=float("nan"))


def _best_of(run: RecordedRun) -> str:
    row = next((row for row in summaries(run) if row.name == run.judged_by), None)
    if row is None:
        return ""
    return f"{row.name} {row.best.value} ({row.best.at})" if row.mode else f"{row.name} {row.last}"


def _reproduced(run: RecordedRun) -> str:
    """Commands."""
    revision = run.revision.partition(" ")[0]
    checkout = [f"git checkout {revision}"] if revision else []
    return "\n".join([*checkout, shlex.join(["python", *run.program])]) if run.program else ""


def _of_keys(keys: Mapping[str, Curve]) -> list[ScoreSummary]:
    return summaries(RecordedRun(name="", scores=dict([*keys.items()][:_MOST_ROWS])))


def _summaries(run: RecordedRun) -> list[ScoreSummary]:
    return summaries(run)[:_MOST_ROWS]


def _has_contracts(run: RecordedRun) -> bool:
    return any(part.contract for part in run.parts.values())


_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "answers_of": answers,
    "summaries": _summaries,
    "of_keys": _of_keys,
    "times": _times,
    "took": _took,
    "best_of": _best_of,
    "reproduced": _reproduced,
    "changed_of": changed,
    "has_contracts": _has_contracts,
    "spark_of": spark,
}


@cache
def _text(name: str) -> str:
    return (files("artifact_torch.report") / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """What a Content-Security-Policy calls this very text, and lets alone."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
