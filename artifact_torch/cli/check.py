"""`artifact-torch check`: all nets on all targets, in one report.

Nothing here loads torch: the process that examines does, while the checkers are at work.
"""

import importlib.metadata
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

from artifact_torch.cli.reports.findings import (
    RUN_TIME,
    Claim,
    Examined,
    Failure,
    Net,
    Outcome,
    Report,
    Verdict,
)
from artifact_torch.cli.reports.merging import is_doubtful, merged
from artifact_torch.cli.static.checkers import (
    Asking,
    Judgement,
    Setting,
    confirmed,
    installed,
)
from artifact_torch.cli.static.project import Project, find_project
from artifact_torch.cli.static.remembering import last_witness
from artifact_torch.cli.static.witness import witness_of
from artifact_torch.cli.targets.isolation import examine_apart, forks
from artifact_torch.cli.targets.target import (
    Target,
    TargetError,
    Wanted,
    has_class,
    nothing_in,
    read_target,
)


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
    names = installed() if question.checkers is None else question.checkers
    setting = Setting(project=project, timeout=question.timeout, cache=question.cache)
    last = last_witness(question.cache, _key(question))
    with Asking(names, setting) as asking:
        guess = last.read()
        if guess and not forks():
            asking.start(guess)
        examined, run_time = _examined(read, question, project)
        outcomes = [outcome for each in examined for outcome in each.outcomes]
        claims = [outcome.claim for outcome in outcomes if outcome.claim is not None]
        judgements = asking.about(witness_of(claims)) if claims else []
        judged = _judged(outcomes, claims, judgements, setting)
    if names and claims:
        last.write(witness_of(claims).source)
    return Report(
        outcomes=tuple(judged),
        skipped=tuple(skipped for each in examined for skipped in each.skipped),
        nets=(run_time, *(net for net, _ in judgements)),
        notes=(*(n for each in examined for n in each.notes), *_notes(question, names, outcomes)),
        strict=question.strict,
    )


def _key(question: Question) -> list[str]:
    wanted = question.wanted
    return [str(question.folder), wanted.contract, *wanted.args, "", *question.targets]


def _read(question: Question) -> tuple[list[Target | Examined], Project]:
    """Each target, or why it is none."""
    project = find_project(question.folder)
    read: list[Target | Examined] = []
    for text in question.targets:
        try:
            target, project = read_target(text, project)
        except TargetError as error:
            outcome = Outcome(target=text, failure=Failure(reason=str(error)))
            read.append(Examined(outcomes=(outcome,)))
            continue
        may_be_empty = question.wanted.allow_none and not target.name
        if may_be_empty and not has_class(text, question.folder):
            read.append(Examined(notes=(nothing_in(target, question.wanted),)))
        else:
            read.append(target)
    return read, project


def _examined(
    read: Sequence[Target | Examined], question: Question, project: Project
) -> tuple[list[Examined], Net]:
    """What each target led to, in the order of the command line."""
    start = time.perf_counter()
    targets = [each for each in read if isinstance(each, Target)]
    results = examine_apart(targets, question.wanted, project, timeout=question.timeout)
    in_order = iter(results)
    examined = [next(in_order) if isinstance(each, Target) else each for each in read]
    seconds = time.perf_counter() - start
    return examined, Net(name=RUN_TIME, version=_version_of_torch(), seconds=seconds)


def _version_of_torch() -> str:
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _judged(
    outcomes: Sequence[Outcome],
    claims: Sequence[Claim],
    judgements: Sequence[Judgement],
    setting: Setting,
) -> list[Outcome]:
    """The outcomes with what the checkers say."""
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
    return [
        merged(outcome, _about(next(of_claimed), by_checker) if outcome.claim else {})
        for outcome in outcomes
    ]


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
