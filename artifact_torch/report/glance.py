"""The first screen: was it good, can it be trusted, what comes next."""

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np

from artifact_torch.report.frame import told_lost
from artifact_torch.report.panels import quantity_of
from artifact_torch.report.words import count, number
from artifact_torch.run_folder.recorded_lines import mapping
from artifact_torch.run_folder.recorded_run import RecordedRun
from artifact_torch.run_folder.recorded_scores import Curve

Tone: TypeAlias = Literal["good", "careful", "bad", "plain"]


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """To one question."""

    question: str
    tone: Tone
    short: str
    points: Sequence[str]
    commands: Sequence[str] = ()
    """To copy."""


def answers(run: RecordedRun) -> list[Answer]:
    """To the three questions that whoever opens a report has."""
    return [_was_it_good(run), _can_it_be_trusted(run), _what_next(run)]


def changed(begun: Mapping[str, object]) -> Mapping[str, object]:
    """What was other from a beginning on."""
    return mapping(begun.get("changed"))


def _was_it_good(run: RecordedRun) -> Answer:
    question = "Was it good?"
    if not run.scores:
        return Answer(
            question=question,
            tone="plain",
            short="Nothing was scored",
            points=["Give the trainer callbacks=[TrainLoss()], or routines= with scores."],
        )
    curve = run.scores.get(run.judged_by)
    best = None if curve is None else _best_index(run, curve)
    if curve is not None and best is None:
        short = f"{run.judged_by}, which decides, was never a finite number"
        return Answer(question=question, tone="bad", short=short, points=[])
    if curve is None or best is None:
        points = [f"{name}: last {_last(each)}" for name, each in [*run.scores.items()][:3]]
        decides = f'best=BestScoreTracker("{next(iter(run.scores))}") names one that does.'
        return Answer(
            question=question,
            tone="plain",
            short="No score was said to decide",
            points=[*points, decides],
        )
    finite = np.flatnonzero(np.isfinite(curve.values)).tolist()
    first, last, values = finite[0], finite[-1], curve.values.tolist()
    at_first = f"first {number(values[first])} ({_moment(curve, first)})"
    points = [f"{at_first}, last {number(values[last])} ({_moment(curve, last)})"]
    if change := _change(values[first], values[best]):
        points.append(f"{change} than at first")
    if best != last and (change := _change(values[best], values[last])):
        points.append(f"the last is {change} than the best")
    points += [*_others(run, int(curve.steps[best]))][:4]
    short = f"{run.judged_by} {number(values[best])} at {_moment(curve, best)}"
    return Answer(question=question, tone="plain", short=short, points=points)


def _others(run: RecordedRun, step: int) -> Iterator[str]:
    """A few other scores at the best moment."""
    for name, curve in run.scores.items():
        at = np.flatnonzero(curve.steps == step)
        if name != run.judged_by and name in run.modes and len(at):
            yield f"{name} there {number(float(curve.values[at[0]]))}"


def _can_it_be_trusted(run: RecordedRun) -> Answer:
    question = "Can I trust it?"
    ends = {
        "failed": "the run failed",
        "died": "its process died without a word",
        "stopped": "it was stopped before its end",
        "running": "it still runs, or ran when this was written",
    }
    bad = [ends[run.status]] if run.status in ("failed", "died") else []
    doubts = [] if run.status in ("finished", *("failed", "died")) else [ends[run.status]]
    doubts += _doubts(run)
    if bad:
        return Answer(question=question, tone="bad", short="Not all of it", points=[*bad, *doubts])
    if doubts:
        short = f"With care: {count(len(doubts), 'remark')}"
        return Answer(question=question, tone="careful", short=short, points=doubts)
    points = ["it ended as it was meant to, without a failure, a warning or a NaN"]
    if run.parts:
        points.append(f"{count(len(run.parts), 'part')} checked against their contracts")
    return Answer(question=question, tone="good", short="Nothing speaks against it", points=points)


def _doubts(run: RecordedRun) -> Iterator[str]:
    if run.failures:
        names = list(dict.fromkeys(each.name for each in run.failures))
        yield f"{count(len(run.failures), 'result')} could not be computed: {_listed(names)}"
    n_warnings = max(run.n_warnings, len(run.warnings))
    if n_warnings:
        yield count(n_warnings, "warning")
    for name, curve in run.scores.items():
        n_lost = int((~np.isfinite(curve.values)).sum())
        if n_lost:
            yield f"{name}: {told_lost(n_lost)}"
    if since := _overfits(run):
        yield since
    if run.revision.endswith("(changed)"):
        yield "its source had changes that were not committed"
    others = [key for each in run.begun for key in changed(each) if key != "program"]
    if others:
        yield f"it went on with other settings or versions: {_listed(list(dict.fromkeys(others)))}"
    if run.n_damaged:
        yield f"{count(run.n_damaged, 'line')} of its record cannot be read"
    if run.is_cut:
        yield "its record ends before the run did: what is shown is not all"


def _overfits(run: RecordedRun) -> str:
    """Where the score that decides got worse after its best while training got better."""
    curve = run.scores.get(run.judged_by)
    quantity, role = quantity_of(run.judged_by)
    training = [
        each
        for name, each in run.scores.items()
        if quantity_of(name) == (quantity, "training") and len(each.steps)
    ]
    at = None if curve is None else _best_index(run, curve)
    if curve is None or at is None or not training or role == "training":
        return ""
    if len(curve.steps) - 1 - at < max(2, len(curve.steps) // 10):
        return ""
    after = np.flatnonzero(training[0].steps >= curve.steps[at])
    if len(after) < 2:
        return ""
    is_max = run.modes.get(run.judged_by) == "max"
    before, end = float(training[0].values[after[0]]), float(training[0].values[after[-1]])
    if (end > before) if is_max else (end < before):
        return (
            f"it overfits: since {_moment(curve, at)} {run.judged_by} was not better again, while "
            "that of the training was"
        )
    return ""


def _what_next(run: RecordedRun) -> Answer:
    points: list[str] = []
    commands: list[str] = []
    unread = "Look at the curves" if run.scores else "Have it scored"
    short = "Use the best weights" if run.best is not None else unread
    if run.status in ("failed", "died", "stopped"):
        short = "See why, then go on" if run.status != "stopped" else "Go on"
        points.append(
            "The same program with the same run_folder= goes on from the newest checkpoint."
        )
        commands += [shlex.join(["python", *run.program])] if run.program else []
        for step in _kept_batches(run):
            points.append("Makes the step that failed again, with its batch:")
            commands.append(
                f"artifact-torch replay {shlex.quote(str(run.folder))} module:make_trainer "
                f"--step {step}"
            )
    else:
        points += _advice(run)
    if run.best is not None and run.folder is not None:
        points.append("The best weights are in best/weights.safetensors of its folder.")
    if run.folder is not None and not commands:
        commands.append(f"artifact-torch report {shlex.quote(str(run.folder))} ANOTHER_RUN")
        points.append("Compares it with another run:")
    return Answer(
        question="What next?", tone="plain", short=short, points=points, commands=commands
    )


def _advice(run: RecordedRun) -> Iterator[str]:
    curve = run.scores.get(run.judged_by)
    at = None if curve is None else _best_index(run, curve)
    if curve is None or at is None or len(curve.steps) < 3:
        return
    if at == len(curve.steps) - 1:
        yield f"The best {run.judged_by} is the last: with more epochs it may become better."
    elif at < len(curve.steps) // 2:
        yield (
            f"The best {run.judged_by} came early: a smaller learning rate, more regularisation or "
            "more data may take it further."
        )


def _best_index(run: RecordedRun, curve: Curve) -> int | None:
    """Of the best moment, by its weights or by the values; None where no value is finite."""
    if not np.isfinite(curve.values).any():
        return None
    if run.best is not None:
        found = np.flatnonzero(curve.steps == run.best.step)
        if len(found):
            return int(found[0])
    values = np.where(np.isfinite(curve.values), curve.values, np.nan)
    is_max = run.modes.get(run.judged_by) == "max"
    return int(np.nanargmax(values) if is_max else np.nanargmin(values))


def _kept_batches(run: RecordedRun) -> list[int]:
    """The newest step whose batch was kept when it failed; not where several processes have a part of
    it, which cannot be made again.
    """
    if run.folder is None:
        return []
    found = [each.name.removeprefix("step_") for each in (run.folder / "failures").glob("step_*")]
    return sorted(int(each) for each in found if each.isdecimal())[-1:]


def _moment(curve: Curve, index: int) -> str:
    """The step too, where an epoch has several."""
    epoch, step = int(curve.epochs[index]), int(curve.steps[index])
    is_one = int((curve.epochs == epoch).sum()) == 1
    return f"epoch {epoch}" if is_one else f"epoch {epoch}, step {step:,}"


def _last(curve: Curve) -> str:
    return number(float(curve.values[-1])) if len(curve.values) else "nothing"


def _change(before: float, after: float) -> str:
    """`72% lower`; empty where a share says nothing."""
    if before == 0 or not math.isfinite(after - before) or before * after < 0:
        return ""
    share = abs(after - before) / abs(before)
    if not 0.0005 <= share < 100:
        return ""
    return f"{share:.1%} {'higher' if after > before else 'lower'}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more
