"""Every part that a user hands over, against the contract of its place."""

import inspect
from collections.abc import Iterator, Sequence
from typing import Final, Protocol, TypeAlias, get_args

from typing_extensions import TypeIs, get_protocol_members

from artifact_torch.checking.violation import refusal
from artifact_torch.contracts import Bounded, Monitor, Stateful
from artifact_torch.errors import Violation

Place: TypeAlias = tuple[str, object, object]
"""The parameter's name, the part that was given for it, and the contract of that place."""


class Composed(Protocol):
    """A part made of parts, which have to agree with those beside it."""

    @property
    def contract_places(self) -> Sequence[Place]:
        """Their contracts name the type parameters of this class, which stand in the order of those
        of its own contract.
        """
        ...


def is_composed(part: object) -> TypeIs[Composed]:
    """Asked of its class: nothing of a user's object runs."""
    return not isinstance(part, type) and hasattr(type(part), "contract_places")


def check_contracts(*places: Place) -> None:
    """Every part, and what it is made of, against the contract of its place; None fits no place.

    The type variables in the contracts of one call stand for one type: what a loader gives is what
    the model takes. Raises one `ContractError` listing all.
    """
    check_groups(places)


def check_groups(*groups: Sequence[Place]) -> None:
    """`check_contracts` for groups whose type variables stand for types of their own, in one error;
    what several groups have in common is compared once.
    """
    from artifact_torch.checking.contract import judge_groups, settle  # half of all import time

    problems: list[str] = []
    found: list[Violation] = []
    asked: list[list[Place]] = []
    for group in groups:
        places = [(f"{name}=", part, contract) for name, part, contract in opened(group)]
        asked.append([place for place in places if not isinstance(place[1], type)])
        for role, part, _ in places:
            if isinstance(part, type):
                text = f"got the class {part.__name__}, expected an object: {part.__name__}(...)"
                problems.append(f"{role} {text}")
                found += refusal(role, "value-type", text)
    wrong, doubts, violations = judge_groups(asked)
    settle(problems + wrong, doubts, found + violations)


def given(*places: Place) -> list[Place]:
    """Those of optional parameters that are not left at None."""
    return [place for place in places if place[1] is not None]


def opened(places: Sequence[Place]) -> Iterator[Place]:
    """Each followed by what it is made of; a part in several places only after the first."""
    from artifact_torch.checking.annotations.generics import substitute, type_parameters

    seen: set[int] = set()
    for name, part, contract in places:
        yield name, part, contract
        if is_composed(part) and id(part) not in seen:
            seen.add(id(part))
            known: dict[object, object] = dict(
                zip(type_parameters(type(part)), get_args(contract), strict=False)
            )
            yield from opened(
                [  # a run has several loaders, mostly with a dataset of the same class
                    (f"{n} of {name}" if n == "dataset" else n, each, substitute(c, known))
                    for n, each, c in part.contract_places
                ]
            )


_OPTIONAL = {form: get_protocol_members(form) for form in (Stateful, Monitor, Bounded)}


def optional_places(name: str, part: object) -> list[Place]:
    """A place for each of `Stateful`, `Monitor` and `Bounded` of which `part` has a member.

    For `check_contracts`: a part with half of a contract, or with a member of the wrong kind, would
    be taken for one that has nothing of it, and its state lost without a word.
    """
    return [
        (name, part, contract)
        for contract, members in _OPTIONAL.items()
        if any(inspect.getattr_static(part, m, _ABSENT) is not _ABSENT for m in members)
    ]


_ABSENT: Final = object()


_WRAPPERS: Final = {
    "torch._dynamo.eval_frame.OptimizedModule": "_orig_mod",
    "torch.nn.parallel.distributed.DistributedDataParallel": "module",
    "torch.nn.parallel.data_parallel.DataParallel": "module",
}
"""Where `torch.compile` and the data parallel wrappers keep the raw model. By name: most of their
modules are not loaded.
"""


def place_of_raw_model(target: object) -> str | None:
    """The attribute of a wrapper that holds the raw model; None for anything else."""
    names = (f"{cls.__module__}.{cls.__qualname__}" for cls in type(target).__mro__)
    return next((_WRAPPERS[name] for name in names if name in _WRAPPERS), None)


def raw_model(target: object) -> object:
    """The model inside all wrappers."""
    while (place := place_of_raw_model(target)) is not None:
        target = getattr(target, place)
    return target
