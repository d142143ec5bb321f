"""`artifact-torch check`: all nets on all targets, in one report."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import torch

from artifact_torch.checking.command.checkers import Judgement, Setting, ask, confirmed, installed
from artifact_torch.checking.command.findings import (
    RUN_TIME,
    Claim,
    Failure,
    Net,
    Outcome,
    Report,
    Verdict,
)
from artifact_torch.checking.command.isolation import examine_apart
from artifact_torch.checking.command.merging import is_doubtful, merged
from artifact_torch.checking.command.project import Project, find_project
from artifact_torch.checking.command.target import Target, TargetError, read_target
from artifact_torch.checking.command.worker import Examined, Wanted


@final
@dataclass(frozen=True, kw_only=True)
class Question:
    """What the command line asks."""

    targets: tuple[str, ...]
    wanted: Wanted
    checkers: tuple[str, ...] | None
    """None: those that are installed."""
    cache: Path
    timeout: float
    strict: bool
    folder: Path


def answer(question: Question) -> Report:
    """The report; every problem is in it."""
    read, project = _read(question)
    start = time.perf_counter()
    targets = [each for each in read if isinstance(each, Target)]
    results = examine_apart(targets, question.wanted, project, timeout=question.timeout)
    run_time = Net(name=RUN_TIME, version=torch.__version__, seconds=time.perf_counter() - start)
    in_order = iter(results)
    examined = [next(in_order) if isinstance(each, Target) else each for each in read]
    outcomes = [outcome for each in examined for outcome in each.outcomes]
    names = installed() if question.checkers is None else question.checkers
    setting = Setting(project=project, timeout=question.timeout, cache=question.cache)
    judged, nets = _judged(outcomes, names, setting)
    return Report(
        outcomes=tuple(judged),
        skipped=tuple(skipped for each in examined for skipped in each.skipped),
        nets=(run_time, *nets),
        notes=_notes(question, names, outcomes),
        strict=question.strict,
    )


def _read(question: Question) -> tuple[list[Target | Examined], Project]:
    """Each target, or why it is none."""
    project = find_project(question.folder)
    read: list[Target | Examined] = []
    for text in question.targets:
        try:
            target, project = read_target(text, project)
            read.append(target)
        except TargetError as error:
            outcome = Outcome(target=text, failure=Failure(reason=str(error)))
            read.append(Examined(outcomes=(outcome,)))
    return read, project


def _judged(
    outcomes: Sequence[Outcome], names: Sequence[str], setting: Setting
) -> tuple[list[Outcome], list[Net]]:
    """The outcomes with what the checkers say."""
    claims: list[Claim] = [outcome.claim for outcome in outcomes if outcome.claim is not None]
    judgements: list[Judgement] = ask(names, claims, setting) if claims else []
    by_checker = {net.name: verdicts for net, verdicts in judgements}
    claimed = [outcome for outcome in outcomes if outcome.claim is not None]
    if len(claims) > 1 and "pyright" in by_checker:
        doubtful = [
            number
            for number, outcome in enumerate(claimed)
            if is_doubtful(outcome, _about(number, by_checker))
        ]
        by_checker["pyright"] = confirmed(claims, by_checker["pyright"], doubtful, setting)
    of_claimed = iter(range(len(claims)))
    judged = [
        merged(outcome, _about(next(of_claimed), by_checker) if outcome.claim else {})
        for outcome in outcomes
    ]
    return judged, [net for net, _ in judgements]


def _about(number: int, by_checker: Mapping[str, Mapping[int, Verdict]]) -> dict[str, Verdict]:
    """What each checker says about one claim."""
    return {name: verdicts[number] for name, verdicts in by_checker.items() if number in verdicts}


def _notes(
    question: Question, names: Sequence[str], outcomes: Sequence[Outcome]
) -> tuple[str, ...]:
    notes = [
        f"{outcome.target}: the checkers were not asked, no other file can name it"
        for outcome in outcomes
        if outcome.contract not in ("", "Trainer") and outcome.claim is None
    ]
    if question.checkers is None and not names:
        notes.append(
            "no checker is installed, only the run-time check was made; "
            "python -m pip install 'pyright[nodejs]' mypy"
        )
    return tuple(notes)
