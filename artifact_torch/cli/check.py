"""`artifact-torch check`: all nets on all targets, in one report.

Nothing here loads torch: the process that examines does, while the checkers are at work.
"""

import itertools
import time
from collections.abc import Sequence
from dataclasses import replace

from artifact_torch.cli.reports.findings import (
    RUN_TIME,
    Examined,
    Failure,
    Net,
    Outcome,
    Report,
)
from artifact_torch.cli.reports.written import version_of
from artifact_torch.cli.static.checkers import INSTALL, Asking, Judgement, installed
from artifact_torch.cli.static.project import Project, Setting, find_project
from artifact_torch.cli.static.witness import keep_source, kept_source, last_witness, witness_of
from artifact_torch.cli.targets.isolation import examine_apart
from artifact_torch.cli.targets.target import (
    Question,
    Target,
    TargetError,
    has_class,
    nothing_in,
    read_target,
)


def answer(question: Question) -> Report:
    """The report; every problem is in it."""
    read, project = _read(question)
    names = installed() if question.checkers is None else question.checkers
    setting = Setting(project=project, timeout=question.timeout, cache=question.cache)
    key = [str(question.folder), question.contract, *question.args, "", *question.targets]
    last = last_witness(question.cache, key)
    with Asking(names, setting) as asking:
        guess = kept_source(last) if names else ""
        if guess:
            asking.start(guess)
        examined, run_time = _examined(read, question, project)
        outcomes = [outcome for each in examined for outcome in each.outcomes]
        claims = [outcome.claim for outcome in outcomes if outcome.claim is not None]
        witness = witness_of(claims)
        judgements = asking.about(witness) if claims else []
    judged = _judged(outcomes, judgements)
    if judgements and witness.source != guess:
        keep_source(last, witness.source)
    return Report(
        outcomes=tuple(judged),
        skipped=tuple(skipped for each in examined for skipped in each.skipped),
        nets=(run_time, *(net for net, _ in judgements)),
        notes=(*(n for each in examined for n in each.notes), *_notes(question, names, outcomes)),
        strict=question.strict,
    )


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
        may_be_empty = question.allow_none and not target.name
        if may_be_empty and not has_class(text, question.folder):
            read.append(Examined(notes=(nothing_in(target, question),)))
        else:
            read.append(target)
    return read, project


def _examined(
    read: Sequence[Target | Examined], question: Question, project: Project
) -> tuple[list[Examined], Net]:
    """What each target led to, in the order of the command line."""
    start = time.perf_counter()
    targets = [each for each in read if isinstance(each, Target)]
    results = examine_apart(targets, question, project)
    in_order = iter(results)
    examined = [next(in_order) if isinstance(each, Target) else each for each in read]
    seconds = time.perf_counter() - start
    return examined, Net(name=RUN_TIME, version=version_of("torch"), seconds=seconds)


def _judged(outcomes: Sequence[Outcome], judgements: Sequence[Judgement]) -> list[Outcome]:
    """The outcomes with what the checkers say, in their own words, at the line of the class. Their
    verdict settles what the run-time check of a class cannot see: what `__init__` sets.
    """
    numbers = itertools.count()
    judged: list[Outcome] = []
    for each in outcomes:
        number = None if each.claim is None else next(numbers)
        answers = [said[number] for _, said in judgements if number in said]
        settled = ("missing", "unverified") if answers else None
        own = [finding for finding in each.findings if (finding.code, finding.severity) != settled]
        words = [replace(finding, place=each.place) for said in answers for finding in said]
        judged.append(replace(each, findings=(*own, *words)))
    return judged


def _notes(
    question: Question, names: Sequence[str], outcomes: Sequence[Outcome]
) -> tuple[str, ...]:
    notes = [
        f"{outcome.target}: the checkers were not asked: it is abstract, or no other file can name it"
        for outcome in outcomes
        if names and outcome.contract not in {"", "Trainer"} and outcome.claim is None
    ]
    if question.checkers is None and not names:
        notes.append(f"no checker is installed, only the run-time check was made; {INSTALL}")
    return tuple(notes)
