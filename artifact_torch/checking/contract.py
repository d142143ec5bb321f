"""Whether an object satisfies a contract: every member, with signatures and types."""

import functools
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import FunctionType
from typing import Final, TypeAlias, TypeVar, final, get_args

from artifact_torch.checking.annotations.forms import (
    class_of,
    is_param_spec,
    is_protocol,
    is_variable,
    plain,
    subscripted,
)
from artifact_torch.checking.annotations.generics import (
    free_variables,
    parameter_tables,
    substitute,
    type_parameters,
)
from artifact_torch.checking.annotations.spelling import show, variable_name
from artifact_torch.checking.assignability.relation import Evidence, Relation, Rule, Solution
from artifact_torch.checking.assignability.rules_classes import compare_classes
from artifact_torch.checking.assignability.rules_forms import (
    compare_literals,
    compare_new_types,
    compare_numbers,
    compare_trivial,
    compare_tuples,
    compare_type_objects,
    compare_unions,
)
from artifact_torch.checking.assignability.rules_typed_dicts import compare_typed_dicts
from artifact_torch.checking.assignability.rules_variables import compare_variables
from artifact_torch.checking.members.calls import compare_callables
from artifact_torch.checking.members.members import Subject, subject_of
from artifact_torch.checking.places import Place, is_composed, place_of_raw_model, raw_model
from artifact_torch.checking.structure import check_members, compare_protocols
from artifact_torch.checking.violation import errors, refusal, report, unverified
from artifact_torch.errors import ContractError, Violation

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
)


def check_contract(target: object, contract: object) -> list[Violation]:
    """Every way in which `target` does not satisfy `contract`, in the order of its members.

    `target` is an object, or a class that stands for its instances. `contract` is a Protocol,
    `Model[VAEInput, VAEOutput]` or plain `Model`, whose type variables are then solved from the
    annotations. Nothing of `target` is called. Raises `ContractError` when `contract` is no Protocol.

    A violation of severity "unverified" says what could not be compared: no annotation, a name
    that does not exist at run time, a function written in C.
    """
    return check_together([("", target, contract)])[0]


def check_together(places: Sequence[Place]) -> list[list[Violation]]:
    """For each place its violations. The type variables in the contracts stand for one type in all
    of them: `BatchSource[InT]` must give what `Model[InT, OutT]` takes.
    """
    return [violations for _, violations in _Together().check_all(places)]


def require_contract(target: object, contract: object, *, role: str = "") -> None:
    """Raises `ContractError` with one message that lists every violation.

    `role` is the place of the object: "model", "loader". What could not be verified, and can be by
    annotating it, is logged as a warning.
    """
    settle(*judge_groups([[(role, target, contract)]]))


def settle(problems: list[str], doubts: list[str], found: list[Violation]) -> None:
    """Raises `ContractError` with all problems; doubts are logged. What is told twice is told once."""
    for doubt in dict.fromkeys(doubts):
        logger.warning(doubt)
    if problems:
        raise ContractError("\n".join(dict.fromkeys(problems)), [*dict.fromkeys(found)])


def judge_groups(groups: Iterable[Iterable[Place]]) -> tuple[list[str], list[str], list[Violation]]:
    """What is wrong, and what could not be verified but can be by annotating it: one text for each
    object, all its violations listed. The last are those that are wrong, each with its object
    named. The contracts of one group share type variables as in `check_together`.
    """
    refusals: list[str] = []
    doubts: list[str] = []
    found: list[Violation] = []
    together = _Together()
    judged = ((*place, v) for group in groups for place, v in together.check_all(group))
    for role, target, contract, violations in judged:
        if not violations:
            continue
        is_named = isinstance(target, type | FunctionType)
        name = show(target) if is_named else type(target).__name__
        subject = f"{role} {name}" if role else name
        asked = show(class_of(contract) if free_variables(contract) else contract)
        if wrong := errors(violations):
            refusals.append(report(f"{subject} does not satisfy {asked}", wrong))
            found += [replace(each, member=f"{subject}: {each.member}") for each in wrong]
        elif unsure := [violation for violation in unverified(violations) if violation.fix]:
            doubts.append(report(f"{subject} is only partly verified as {asked}", unsure))
    return refusals, doubts, found


def solve_contract(target: object, contract: object) -> Mapping[str, object]:
    """What the type parameters of `contract` are for `target`: `{"In": VAEInput, "Out": ...}`.

    Names are those of the variables without their variance (`In` for `In_contra`). A parameter
    that the annotations say nothing about is absent. A wrapped model is looked into.
    """
    together = _Together()
    opened = together.opened(contract)
    together.check("", raw_model(target), opened)
    return together.answers(opened)


_Answer: TypeAlias = tuple[str, list[str], Sequence[Evidence], list[Violation]]
"""The part's name, where all that was known came from, what else it told, and what is wrong."""


@final
class _Together:
    """Objects that are compared with contracts that share type variables."""

    def __init__(self) -> None:
        self._shared: dict[object, object] = {}
        self._n_new: Counter[object] = Counter()
        self._relation = Relation(_RULES, Solution())
        self._answers: dict[object, list[_Answer]] = {}

    def check_all(self, places: Iterable[Place]) -> Iterator[tuple[Place, list[Violation]]]:
        """Each with its violations; nothing is known at first."""
        self._relation.solution.adopt(Solution())
        for place in places:
            yield place, self.check(*place)

    def check(self, role: str, target: object, contract: object) -> list[Violation]:
        opened = self.opened(contract)
        violations = self._compared(role, target, opened)
        place = place_of_raw_model(target)
        if not violations or place is None:
            return violations
        raw, wrapper = type(raw_model(target)).__name__, type(target).__name__
        message = f"{wrapper} hides the signatures of {raw} and renames its state"
        fix = f"pass the raw model (.{place} of the wrapper)"
        return refusal(wrapper, "wrapper", message, fix)

    def _compared(self, role: str, target: object, opened: object) -> list[Violation]:
        """Once where the same was asked before, with as much known."""
        solution = self._relation.solution
        question = (id(target), opened, solution.evidence)
        names = [each.where for each in solution.evidence]
        for before, said, evidence, found in self._answers.get(question, ()):
            # violations say names, mostly those of other parts
            own = before != role and any(before in f"{v.message} {v.fix}" for v in found)
            if not found or (said == names and not own):
                solution.repeat(evidence, role)
                return found
        n_before = len(solution.evidence)
        found = check_members(_subject(target, opened), opened, self._relation.of(role))
        answer: _Answer = (role, names, solution.evidence[n_before:], found)
        self._answers.setdefault(question, []).append(answer)
        return found

    def opened(self, contract: object) -> object:
        """With type variables of our own, which nobody else's annotations can name: those of a bare
        protocol are its alone, those written in its brackets are shared.
        """
        contract = plain(contract)
        form = class_of(contract)
        if form is None or not is_protocol(contract):
            raise ContractError(f"a contract is a Protocol class, got {show(contract)}")
        parameters = () if get_args(contract) else type_parameters(form)
        if parameters:
            news = (... if is_param_spec(each) else self._new(each) for each in parameters)
            return subscripted(form, tuple(news))
        for variable in free_variables(contract):
            if isinstance(variable, TypeVar) and not self._relation.solution.has(variable):
                self._shared[variable] = self._shared.get(variable) or self._new(variable)
        return substitute(contract, self._shared)

    def answers(self, opened: object) -> dict[str, object]:
        """What each type parameter of the contract stands for."""
        found = self._relation.solution.found(self._relation.fits)
        table = parameter_tables(opened).get(class_of(opened) or object, {})
        answers = {variable_name(v): found.get(hint, hint) for v, hint in table.items()}
        return {name: hint for name, hint in answers.items() if not is_variable(hint)}

    def _new(self, variable: TypeVar) -> object:
        """The same ones in the next check: what is substituted then is known already."""
        self._n_new[variable] += 1
        new = _like(variable, self._n_new[variable])
        self._relation.solution.variables |= {new}
        return new


def _subject(target: object, opened: object) -> Subject:
    """A part made of parts leaves its type parameters to them: they are those of the contract."""
    subject = subject_of(target)
    parameters, arguments = type_parameters(subject.cls), get_args(opened)
    is_open = subject.hint is subject.cls and is_composed(target)
    if not is_open or not parameters or len(parameters) != len(arguments):
        return subject
    return replace(subject, hint=subscripted(subject.cls, arguments))


@functools.lru_cache(maxsize=512)
def _like(variable: TypeVar, number: int, make: Callable[..., object] = TypeVar) -> object:
    """A new one; `make` only because a checker wants the name of a `TypeVar(...)` spelt out."""
    del number
    bound: object = variable.__bound__
    return make(variable.__name__, bound=bound)
