"""From a target to its outcomes: import, choose, examine. Runs the user's code."""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Final, TypeAlias

from artifact_torch.cli.catalogue import Contract, all_contracts, named_contract
from artifact_torch.cli.reports.findings import CannotCheckError, Outcome, unchecked
from artifact_torch.cli.targets.examine import Subject, examine, subject_in
from artifact_torch.cli.targets.inference import infer
from artifact_torch.cli.targets.loading import call_factory, findings_of, load_module, load_name
from artifact_torch.cli.targets.question import Question, Target
from artifact_torch.cli.targets.selection import choose
from artifact_torch.cli.targets.several import rehearsed
from artifact_torch.cli.targets.source_lines import place_of_class
from artifact_torch.errors import ArtifactTorchError

Known: TypeAlias = Mapping[str, Contract]


def examine_target(target: Target, question: Question) -> list[Outcome]:
    """The outcomes of the target; whatever goes wrong on the way is one of them."""
    try:
        module = load_module(target.module)
        known = all_contracts(for_module=module)
        if question.contract:
            contract = named_contract(question.contract, all_contracts())
            known = {contract.name: contract}
        if not target.name:
            return _examine_module(module, target, known, question)
        return [_examine_name(module, target, known, question)]
    except CannotCheckError as error:
        return [Outcome(target=target.label, findings=(error.finding,))]
    except ArtifactTorchError as error:
        return [Outcome(target=target.label, findings=findings_of(error))]


def _examine_module(
    module: ModuleType, target: Target, known: Known, question: Question
) -> list[Outcome]:
    meant, left_out = choose(module, known.values())
    outcomes: list[Outcome] = []
    for form, inferred in meant:
        subject = subject_in(target.module, form.__name__, form)
        why = "" if question.contract else inferred.why
        try:
            outcomes.append(examine(subject, inferred.contract, why=why, args=question.args))
        except CannotCheckError as error:
            outcomes.append(Outcome(target=subject.label, findings=(error.finding,)))
    if not meant:
        reason = question.nothing_in(target.module)
        nothing = unchecked(f"{reason}; name what to check: {target.module}:Name")
        found = () if question.allow_none else (nothing,)
        outcomes = [Outcome(target=target.module, findings=found, why=reason, is_meant=False)]
    return [*outcomes, *(Outcome(target=n, why=w, is_meant=False) for n, w in left_out.items())]


def _examine_name(module: ModuleType, target: Target, known: Known, question: Question) -> Outcome:
    subject = subject_in(target.module, target.name, load_name(module, target.name))
    if not inspect.isroutine(subject.value):
        outcome = _examine_one(subject, known, question)
        return (
            replace(outcome, why=f"{outcome.why}{_UNREHEARSED}") if question.ranks > 1 else outcome
        )
    made, doubts = call_factory(subject.value, subject.label)
    label, expression = f"{subject.label}()", f"{subject.expression}()"
    made_by = replace(subject, value=made, label=label, expression=expression)
    outcome = _examine_one(made_by, known, question)
    if outcome.contract == "Trainer" and question.ranks > 1:
        outcome = _rehearsed(outcome, target, question)
    return replace(outcome, findings=(*doubts, *outcome.findings))


_UNREHEARSED: Final = (
    "; not tried on several processes: --ranks takes a function that makes a trainer"
)


def _rehearsed(outcome: Outcome, target: Target, question: Question) -> Outcome:
    """Of a factory of trainers, which is called again on each of several processes."""
    size = question.ranks
    findings = rehearsed(target.module, target.name, size=size, timeout=question.timeout)
    how = "" if findings else f", and came to the same on {size} processes, which rehearsed it"
    return replace(outcome, why=outcome.why + how, findings=(*outcome.findings, *findings))


def _examine_one(subject: Subject, known: Known, question: Question) -> Outcome:
    of_trainer = subject.form.__module__ == "artifact_torch.trainer.trainer"
    if of_trainer and subject.value is not subject.form:
        why = "it checked all its parts when it was built"
        return Outcome(target=subject.label, contract="Trainer", why=why)
    if question.contract:
        (contract,) = known.values()
        return examine(subject, contract, why="", args=question.args)
    inferred = infer(subject.value, known.values())
    if inferred is None:
        telling = ", ".join(f"{name} ({', '.join(c.required[:3])})" for name, c in known.items())
        reason = f"no contract fits the members of {subject.form.__name__}"
        reason = f"{reason}; say which one with --contract: {telling}"
        raise CannotCheckError(unchecked(reason, place=place_of_class(subject.form)))
    return examine(subject, inferred.contract, why=inferred.why, args=question.args)
