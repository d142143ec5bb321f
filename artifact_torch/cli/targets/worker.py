"""From a target to its outcomes: import, choose, examine. Runs the user's code."""

import inspect
from collections.abc import Callable, Mapping

from artifact_torch.cli.catalogue import (
    Contract,
    ContractNameError,
    all_contracts,
    named_contract,
)
from artifact_torch.cli.reports.findings import Examined, Failure, Outcome
from artifact_torch.cli.targets.examine import Subject, examine
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
from artifact_torch.cli.targets.target import Target, Wanted, nothing_in
from artifact_torch.errors import ArtifactTorchError
from artifact_torch.internal.signatures import signature_of

__all__ = ["Examined", "Wanted", "examine_target"]


def examine_target(target: Target, wanted: Wanted) -> Examined:
    """The outcomes of the target; whatever goes wrong on the way is one of them."""
    label = target.label
    try:
        module = load_module(target.module)
        contracts = all_contracts()
        if wanted.contract:
            contract = named_contract(wanted.contract, contracts)
            contracts = {contract.name: contract}
        if target.name:
            subject = Subject(
                value=load_name(module, target.name),
                label=label,
                module=target.module,
                expression=f"{target.module}.{target.name}",
            )
            return Examined(outcomes=(_examine_named(subject, contracts, wanted),))
        return _examine_module(target, contracts, wanted)
    except LoadError as error:
        return Examined(outcomes=(Outcome(target=label, failure=error.failure),))
    except ContractNameError as error:
        failure = Failure(reason=str(error))
        return Examined(outcomes=(Outcome(target=label, failure=failure),))
    except ArtifactTorchError as error:
        return Examined(outcomes=(Outcome(target=label, findings=findings_of(error)),))


def _examine_module(target: Target, contracts: Mapping[str, Contract], wanted: Wanted) -> Examined:
    module = load_module(target.module)
    meant, skipped = classes_meant(module, contracts.values())
    if not meant:
        reason = nothing_in(target, wanted)
        if wanted.allow_none:
            return Examined(skipped=tuple(skipped), notes=(reason,))
        reason = f"{reason}; name what to check: {target.module}:Name"
        outcome = Outcome(target=target.module, failure=Failure(reason=reason))
        return Examined(outcomes=(outcome,), skipped=tuple(skipped))
    outcomes: list[Outcome] = []
    for form, inferred in meant:
        subject = Subject(
            value=form,
            label=f"{target.module}:{form.__name__}",
            module=target.module,
            expression=f"{target.module}.{form.__qualname__}",
        )
        why = "" if wanted.contract else inferred.why
        try:
            outcomes.append(examine(subject, inferred.contract, why=why, args=wanted.args))
        except LoadError as error:
            outcomes.append(Outcome(target=subject.label, failure=error.failure))
    return Examined(outcomes=tuple(outcomes), skipped=tuple(skipped))


def _examine_named(subject: Subject, contracts: Mapping[str, Contract], wanted: Wanted) -> Outcome:
    if inspect.isroutine(subject.value):
        subject = _called(subject, subject.value)
    if subject.form.__module__ == "artifact_torch.trainer.trainer" and not isinstance(
        subject.value, type
    ):
        return Outcome(
            target=subject.label,
            contract="Trainer",
            why="it checked all its parts when it was built",
        )
    if wanted.contract:
        (contract,) = contracts.values()
        return examine(subject, contract, why="", args=wanted.args)
    inferred = infer(subject.value, contracts.values())
    if inferred is None:
        reason = f"no contract fits the members of {subject.form.__name__}; {_ask(contracts)}"
        raise LoadError(Failure(reason=reason, place=place_of_class(subject.form)))
    return examine(subject, inferred.contract, why=inferred.why, args=wanted.args)


def _called(subject: Subject, factory: Callable[[], object]) -> Subject:
    """What a factory returns. Raises `LoadError`, and the toolkit's own errors as they are."""
    needed = [
        name
        for name, parameter in signature_of(factory).parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    ]
    if needed:
        reason = (
            f"{subject.label} is a function that requires {', '.join(needed)}; a factory takes no "
            "arguments: write one that calls it"
        )
        raise LoadError(Failure(reason=reason))
    try:
        value: object = factory()
    except (ArtifactTorchError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a factory may also call sys.exit
        raise LoadError(failure_of(error, f"calling {subject.label} failed")) from error
    return Subject(
        value=value,
        label=f"{subject.label}()",
        module=subject.module,
        expression=f"{subject.expression}()",
    )


def _ask(contracts: Mapping[str, Contract]) -> str:
    telling = (f"{name} ({', '.join(c.required[:3])})" for name, c in contracts.items())
    return f"say which one with --contract: {', '.join(telling)}"
