"""`artifact-torch check`: all nets on all targets, in one report.

Nothing here loads torch: the process that examines does, while the checkers are at work.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from artifact_torch.cli.reports.findings import (
    RUN_TIME,
    Examined,
    Failure,
    Finding,
    Net,
    Outcome,
    Report,
)
from artifact_torch.cli.reports.written import version_of
from artifact_torch.cli.static.checkers import INSTALL, Asking, Judgement, asked_again, installed
from artifact_torch.cli.static.project import Project, Setting, find_project
from artifact_torch.cli.static.witness import Witness, last_witness, witness_of
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
        guess = last.read() if names else ""
        if guess:
            asking.start(guess)
        examined, run_time = _examined(read, question, project)
        outcomes = [outcome for each in examined for outcome in each.outcomes]
        claims = [outcome.claim for outcome in outcomes if outcome.claim is not None]
        witness = witness_of(claims)
        judgements = asking.about(witness) if claims else []
    judged = _judged(outcomes, witness, judgements, setting)
    if judgements and witness.source != guess:
        last.write(witness.source)
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


def _judged(
    outcomes: Sequence[Outcome],
    witness: Witness,
    judgements: Sequence[Judgement],
    setting: Setting,
) -> list[Outcome]:
    """The outcomes with what the checkers say, in their own words, at the line of the class."""
    by_net = {net.name: said for net, said in judgements}
    judged: list[Outcome] = []
    number = 0
    for outcome in outcomes:
        about: dict[str, Sequence[Finding]] = {}
        if outcome.claim is not None:
            about = {name: said[number] for name, said in by_net.items() if number in said}
            if len(witness.claims) > 1 and _refuses_alone("pyright", outcome, about):
                again = asked_again(number, witness, setting)
                about["pyright"] = again.get(number, about["pyright"])
            number += 1
        judged.append(_with_words(outcome, about))
    return judged


def _refuses_alone(net: str, outcome: Outcome, about: Mapping[str, Sequence[Finding]]) -> bool:
    others = [*outcome.findings, *(f for name, said in about.items() if name != net for f in said)]
    refused = any(finding.severity == "error" for finding in about.get(net, ()))
    return refused and all(finding.severity != "error" for finding in others)


def _with_words(outcome: Outcome, about: Mapping[str, Sequence[Finding]]) -> Outcome:
    """A checker that knows the type settles what the run-time check of a class cannot see: the
    attributes that `__init__` sets.
    """
    judged = any(all(finding.code != "any" for finding in said) for said in about.values())
    own = [f for f in outcome.findings if not (judged and f.is_doubt and f.code == "missing")]
    said = [replace(f, place=outcome.place) for each in about.values() for f in each]
    return replace(outcome, findings=(*own, *said))


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
