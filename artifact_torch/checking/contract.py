"""Whether an object satisfies a contract: every member, with signatures and types."""

import logging
from collections.abc import Callable, Mapping
from typing import Final, TypeVar, get_args

from artifact_torch.checking.forms import class_of, is_protocol, is_variable, plain, subscripted
from artifact_torch.checking.generics import parameter_tables, type_parameters
from artifact_torch.checking.members import subject_of
from artifact_torch.checking.names import HiddenNames
from artifact_torch.checking.relation import Relation, Rule
from artifact_torch.checking.rules_classes import ask_beartype, compare_classes
from artifact_torch.checking.rules_forms import (
    compare_callables,
    compare_literals,
    compare_new_types,
    compare_numbers,
    compare_trivial,
    compare_tuples,
    compare_type_objects,
    compare_unions,
)
from artifact_torch.checking.rules_typed_dicts import compare_typed_dicts
from artifact_torch.checking.rules_variables import compare_variables
from artifact_torch.checking.solution import Solution
from artifact_torch.checking.spelling import show, variable_name
from artifact_torch.checking.structure import check_members, compare_protocols
from artifact_torch.checking.violation import Violation, errors, report, unverified
from artifact_torch.checking.wrappers import place_of_raw_model, raw_model
from artifact_torch.errors import ContractError

logger: logging.Logger = logging.getLogger(__name__)

_RULES: Final[tuple[Rule, ...]] = (
    compare_trivial,
    compare_variables,
    compare_unions,
    compare_literals,
    compare_new_types,
    compare_typed_dicts,
    compare_protocols,
    compare_callables,
    compare_type_objects,
    compare_tuples,
    compare_numbers,
    compare_classes,
    ask_beartype,
)


def check_contract(target: object, contract: object) -> list[Violation]:
    """Every way in which `target` does not satisfy `contract`, in the order of its members.

    `target` is an object, or a class that stands for its instances. `contract` is a Protocol,
    `Model[VAEInput, VAEOutput]` or plain `Model`, whose type variables are then solved from the
    annotations. Nothing of `target` is called. Raises `ContractError` when `contract` is no Protocol.

    A violation of severity "unverified" says what could not be compared: no annotation, a name
    that does not exist at run time, a function written in C.
    """
    violations, _ = _examine(target, contract)
    place = place_of_raw_model(target)
    if not violations or place is None:
        return violations
    raw, wrapper = type(raw_model(target)).__name__, type(target).__name__
    message = f"{wrapper} hides the signatures of {raw} and renames its state"
    fix = f"pass the raw model (.{place} of the wrapper)"
    return [Violation(member=wrapper, code="wrapper", message=message, fix=fix)]


def require_contract(target: object, contract: object, *, role: str = "") -> None:
    """Raises `ContractError` with one message that lists every violation.

    `role` is the place of the object: "model", "loader". What could not be verified, and can be by
    annotating it, is logged as a warning.
    """
    violations = check_contract(target, contract)
    name = show(target) if isinstance(target, type) else type(target).__name__
    subject = f"{role} {name}" if role else name
    if wrong := errors(violations):
        raise ContractError(report(f"{subject} does not satisfy {show(contract)}", wrong))
    if doubts := [violation for violation in unverified(violations) if violation.fix]:
        logger.warning(report(f"{subject} is only partly verified as {show(contract)}", doubts))


def solve_contract(target: object, contract: object) -> Mapping[str, object]:
    """What the type parameters of `contract` are for `target`: `{"In": VAEInput, "Out": ...}`.

    Names are those of the variables without their variance (`In` for `In_contra`). A parameter
    that the annotations say nothing about is absent. A wrapped model is looked into.
    """
    _, answers = _examine(raw_model(target), contract)
    return {name: hint for name, hint in answers.items() if not is_variable(hint)}


def _examine(target: object, contract: object) -> tuple[list[Violation], dict[str, object]]:
    """The violations, and what each type parameter of the contract stands for."""
    contract = plain(contract)
    form = class_of(contract)
    if form is None or not is_protocol(contract):
        raise ContractError(f"a contract is a Protocol class, got {show(contract)}")
    opened = _opened(contract)
    table = parameter_tables(opened).get(form, {})
    solution = Solution(frozenset() if opened is contract else frozenset(table.values()))
    relation = Relation(_RULES, HiddenNames(), solution)
    violations = check_members(subject_of(target), opened, relation)
    found = solution.found(relation.fits)
    answers = {variable_name(v): found.get(hint, hint) for v, hint in table.items()}
    return violations, answers


def _opened(contract: object) -> object:
    """A bare protocol with type variables of its own: nobody else's annotations can name them."""
    form = class_of(contract)
    parameters = () if form is None or get_args(contract) else type_parameters(form)
    if not parameters:
        return contract
    return subscripted(form, tuple(_like(parameter) for parameter in parameters))


def _like(variable: TypeVar, make: Callable[..., object] = TypeVar) -> object:
    """A new one; `make` only because a checker wants the name of a `TypeVar(...)` spelt out."""
    bound: object = variable.__bound__
    return make(variable.__name__, bound=bound)
