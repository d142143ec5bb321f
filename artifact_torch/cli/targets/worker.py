"""From a target to its outcomes: import, choose, examine. Runs the user's code."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import TypeAlias

from artifact_torch.cli.catalogue import Contract, ContractNameError, all_contracts, named_contract
from artifact_torch.cli.reports.findings import Examined, Failure, Outcome
from artifact_torch.cli.targets.examine import Subject, examine, subject_in
from artifact_torch.cli.targets.inference import infer
from artifact_torch.cli.targets.loading import (
    LoadError,
    failure_of,
    findings_of,
    load_module,
    load_name,
)
from artifact_torch.cli.targets.selection import classes_meant
from artifact_torch.cli.targets.source_lines import place_of_class
from artifact_torch.cli.targets.target import Question, Target, nothing_in
from artifact_torch.errors import ArtifactTorchError
from artifact_torch.internal.signatures import signature_of

Known: TypeAlias = Mapping[str, Contract]


def examine_target(target: Target, question: Question) -> Examined:
    """The outcomes of the target; whatever goes wrong on the way is one of them."""
    outcome = Outcome(target=target.label)
    try:
        module = load_module(target.module)
        if not target.name:
            return _examine_module(module, target, _known(module, question), question)
        subject = subject_in(target.module, target.name, load_name(module, target.name))
        if inspect.isroutine(subject.value):
            subject = _called(subject, subject.value)
        return Examined(outcomes=(_named(subject, _known(module, question), question),))
    except LoadError as error:
        outcome = replace(outcome, failure=error.failure)
    except ContractNameError as error:
        outcome = replace(outcome, failure=Failure(reason=str(error)))
    except ArtifactTorchError as error:
        outcome = replace(outcome, findings=findings_of(error))
    return Examined(outcomes=(outcome,))


def _known(module: ModuleType, question: Question) -> Known:
    """The contracts that may be meant; the one that was named."""
    if not question.contract:
        return all_contracts(for_module=module)
    contract = named_contract(question.contract, all_contracts())
    return {contract.name: contract}


def _examine_module(
    module: ModuleType, target: Target, known: Known, question: Question
) -> Examined:
    meant, skipped = classes_meant(module, known.values())
    outcomes: list[Outcome] = []
    for form, inferred in meant:
        subject = subject_in(target.module, form.__name__, form)
        why = "" if question.contract else inferred.why
        try:
            outcomes.append(examine(subject, inferred.contract, why=why, args=question.args))
        except LoadError as error:
            outcomes.append(Outcome(target=subject.label, failure=error.failure))
    notes: tuple[str, ...] = ()
    if not meant:
        reason = nothing_in(target, question)
        if question.allow_none:
            notes = (reason,)
        else:
            failure = Failure(reason=f"{reason}; name what to check: {target.module}:Name")
            outcomes = [Outcome(target=target.module, failure=failure)]
    return Examined(outcomes=tuple(outcomes), skipped=tuple(skipped), notes=notes)


def _named(subject: Subject, known: Known, question: Question) -> Outcome:
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
        raise LoadError(Failure(reason=reason, place=place_of_class(subject.form)))
    return examine(subject, inferred.contract, why=inferred.why, args=question.args)


def _called(subject: Subject, factory: Callable[[], object]) -> Subject:
    """What a factory returns. Raises `LoadError`, and the toolkit's own errors as they are."""
    needed = [
        name
        for name, parameter in signature_of(factory).parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    ]
    if needed:
        reason = f"{subject.label} is a function that requires {', '.join(needed)}"
        advice = "a factory takes no arguments: write one that calls it"
        raise LoadError(Failure(reason=f"{reason}; {advice}"))
    try:
        value: object = factory()
    except (ArtifactTorchError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a factory may also call sys.exit
        raise LoadError(failure_of(error, f"calling {subject.label} failed")) from error
    called = f"{subject.expression}()"
    return replace(subject, value=value, label=f"{subject.label}()", expression=called)
