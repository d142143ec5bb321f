"""`artifact-torch check`: all nets on all targets, in one report.

Nothing here loads torch: the process that examines does, while the checkers are at work.
"""

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from artifact_torch.cli.reports.findings import (
    RUN_TIME,
    CannotCheckError,
    Finding,
    Net,
    Outcome,
    Report,
)
from artifact_torch.cli.static.asking import Asking, Judgement
from artifact_torch.cli.static.witness import witness_of
from artifact_torch.cli.targets.isolation import examine_apart
from artifact_torch.cli.targets.question import Question, Target, has_class, read_target


def answer(question: Question) -> Report:
    """The report; every problem is in it."""
    read, question = _read(question)
    with Asking(question) as asking:
        start = time.perf_counter()
        targets = [each for each in read if isinstance(each, Target)]
        examined = iter(examine_apart(targets, question))
        by_target = [next(examined) if isinstance(each, Target) else [each] for each in read]
        run_time = Net(name=RUN_TIME, seconds=time.perf_counter() - start)
        outcomes = [outcome for each in by_target for outcome in each]
        claims = [outcome.claim for outcome in outcomes if outcome.claim is not None]
        judgements = asking.about(witness_of(claims)) if claims else []
    return Report(
        outcomes=tuple(_judged(outcomes, judgements, question)),
        nets=(run_time, *(net for net, _ in judgements)),
    )


def _read(question: Question) -> tuple[list[Target | Outcome], Question]:
    """Each target, or why it is none; the question with all roots to import them from."""
    read: list[Target | Outcome] = []
    for text in question.targets:
        try:
            target, project = read_target(text, question.project)
        except CannotCheckError as error:
            read.append(Outcome(target=text, findings=(error.finding,)))
            continue
        question = replace(question, project=project)
        if question.allow_none and not target.name and not has_class(project.folder / text):
            why = question.nothing_in(target.module)
            read.append(Outcome(target=target.module, why=why, is_meant=False))
        else:
            read.append(target)
    return read, question


def _judged(
    outcomes: Sequence[Outcome], judgements: Sequence[Judgement], question: Question
) -> Iterator[Outcome]:
    """The outcomes with what the checkers say, in their own words, at the line of the class. Their
    verdict settles what the run-time check of a class cannot see: what `__init__` sets.
    """
    numbers = itertools.count()
    for each in outcomes:
        number = None if each.claim is None else next(numbers)
        answers = [said[number] for _, said in judgements if number in said]
        settled = ("missing", "unverified") if answers else None
        own = [finding for finding in each.findings if (finding.code, finding.severity) != settled]
        words = [replace(finding, place=each.place) for said in answers for finding in said]
        findings = tuple(_strictly(finding, question) for finding in (*own, *words))
        why = [each.why] if each.why else []
        if question.checkers and number is None and each.contract not in {"", "Trainer"}:
            why.append("the checkers were not asked: it is abstract, or no other file can name it")
        yield replace(each, findings=findings, why="; ".join(why))


def _strictly(finding: Finding, question: Question) -> Finding:
    is_error = question.strict and finding.severity == "unverified"
    return replace(finding, severity="error") if is_error else finding
