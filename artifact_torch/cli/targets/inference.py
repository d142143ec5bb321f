"""Which contract a class was probably written for, told from the names of its members."""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, Protocol, final

from torch import nn
from torch.utils import data

from artifact_torch.checking.annotations.forms import NO_ANNOTATION, is_variable
from artifact_torch.checking.annotations.spelling import nearest, show
from artifact_torch.checking.members.callables import member_signatures
from artifact_torch.checking.members.members import Subject, subject_of
from artifact_torch.cli.catalogue import Contract
from artifact_torch.contracts import Model
from artifact_torch.internal.narrowing import is_state_dict
from artifact_torch.internal.signatures import own_annotations

_STATE: Final = frozenset({"state_dict", "load_state_dict"})
_EVERYDAY: Final = frozenset({"__len__", "__getitem__", "__iter__"}) | _STATE
"""Members that also classes have which were written for no contract."""

_ADDITIONS: Final = frozenset(
    {"Averaged", "Bounded", "Clocked", "Monitor", "Periodic", "Planned", "Stateful", "StepBounded"}
    | {"StopperUpdateData", "Watching"}
)
"""What a part may be besides its own contract."""

_TABLES: Final = "generate"
"""The member that makes tables; language models have one of that name too."""

_ROWS: Final = "take"
"""The member that reads rows by their numbers; tables of other libraries have one of that name too."""

_ELSEWHERE: Final[Mapping[str, str]] = {"finish": "compute", "start": "reset"}
"""What torchmetrics calls the same."""

_SHORTEST_TYPO: Final = 5
_TYPO_RATIO: Final = 0.85
"""`generat` for `generate`, but not `lstat` for `start`."""


@final
@dataclass(frozen=True, kw_only=True)
class Inferred:
    """A contract, and why."""

    contract: Contract
    matches: Mapping[str, str]
    """Members of the contract, each with the name that the class has for it."""
    score: float
    is_module: bool
    aside: str = ""
    """Why it is no contract that its names suggest."""

    @property
    def why(self) -> str:
        """`contract inferred: an nn.Module with forward, generat (close to generate)`."""
        words = [
            member if member == name else f"{name} (close to {member})"
            for member, name in self.matches.items()
        ]
        having = f"with {', '.join(words)}" if words else "without forward"
        kind = "an nn.Module" if self.is_module else "a class"
        return f"contract inferred: {kind} {having}{self.aside}"

    @property
    def is_plain(self) -> bool:
        """Whether the names alone show that the class is meant for the contract."""
        if self.contract.name in _ADDITIONS:
            return False
        own = {member for member, name in self.matches.items() if _ELSEWHERE.get(member) != name}
        telling = own - _EVERYDAY
        specific = any("_" in member for member in telling)
        return specific or (bool(telling) and 2 * len(own) > len(self.contract.required))

    @property
    def is_likely(self) -> bool:
        """Whether the contract may be meant at all."""
        if self.is_module:
            return True
        found = set(self.matches)
        specific = any("_" in member for member in found - _EVERYDAY)
        half = 2 * len(found) >= len(self.contract.required)
        telling = found - {"__len__"} - (_STATE if self.contract.name != "Stateful" else set())
        return bool(telling) and (specific or half)


def infer(target: object, contracts: Iterable[Contract]) -> Inferred | None:
    """The nearest contract by members present, misspelt ones included; None if nothing is near."""
    subject = subject_of(target)
    known = list(contracts)
    of_models = [each for each in known if Model in each.protocol.__mro__]
    # a contract that is named may ask of a model what is no `Model`: that of a domain of one's own
    is_module = issubclass(subject.cls, nn.Module) and bool(of_models)
    known = of_models if is_module else known
    asides = {_TABLES: _makes_no_table(subject), _ROWS: _takes_no_rows(subject)}
    others = {member for member, why in asides.items() if why}
    known = [contract for contract in known if others.isdisjoint(contract.members)]
    aside = "".join(asides.values())
    usage = Counter(member for contract in known for member in contract.members)
    candidates = [_judged(subject, contract, usage, is_module=is_module) for contract in known]
    likely = [each for each in candidates if each.is_likely]
    best = max(likely, key=lambda e: (e.contract.name not in _ADDITIONS, e.score), default=None)
    return best and replace(best, aside=aside)


def _makes_no_table(subject: Subject) -> str:
    """What its `generate` makes instead, as that of a language model; empty where it makes tables,
    or where nobody can know.
    """
    signatures = member_signatures(subject, _TABLES)
    hint = signatures[0].hints["return"] if signatures else NO_ANNOTATION
    if _says_nothing(hint):
        return ""
    forms = hint.__mro__ if isinstance(hint, type) else (hint,)
    if any("DataFrame" in show(form) for form in forms):
        return ""
    return f"; its generate returns {show(hint)}, no DataFrame, and is no part of it"


def _takes_no_rows(subject: Subject) -> str:
    """What its `take` takes instead, where rows are read in another way; empty where it takes a
    tensor, or where nobody can know.
    """
    signatures = member_signatures(subject, _ROWS)
    if not signatures or _names_of(subject).isdisjoint({"__getitem__", "__iter__"}):
        return ""
    names = [parameter.name for parameter in signatures[0].parameters]
    hint = signatures[0].hints[names[0]] if names else NO_ANNOTATION
    if _says_nothing(hint) or hint is object or "Tensor" in show(hint):
        return ""
    return f"; its take takes {show(hint)}, no tensor of row numbers, and is no part of it"


def _says_nothing(hint: object) -> bool:
    return hint is NO_ANNOTATION or hint is Any or is_variable(hint)


def _judged(
    subject: Subject, contract: Contract, usage: Mapping[str, int], *, is_module: bool
) -> Inferred:
    """How well the names fit; a name that few contracts ask for says more."""
    names = _names_of(subject)
    inherited = {*vars(nn.Module)} - {"forward"} if is_module else set[str]()
    asked = [member for member in contract.members if member not in inherited]
    matches: dict[str, str] = {}
    for member in asked:
        near = member if member in names else _near(member, names - set(contract.members))
        if near is not None:
            matches[member] = near
    missing = set(asked) & set(contract.required) - set(matches)
    score = sum(1 / usage[member] for member in matches)
    score -= 0.1 * sum(1 / usage[member] for member in missing)
    return Inferred(contract=contract, matches=matches, score=score, is_module=is_module)


def _near(member: str, names: set[str]) -> str | None:
    """The name that is probably meant for the member: stricter than advice may be."""
    if (other := _ELSEWHERE.get(member)) in names:
        return other
    if len(member) < _SHORTEST_TYPO:
        return None
    long = [name for name in names if len(name) >= _SHORTEST_TYPO and not name.startswith("_")]
    near = nearest(member, long)
    alike = near and difflib.SequenceMatcher(None, member, near.lower()).ratio() >= _TYPO_RATIO
    return near if alike else None


def _names_of(subject: Subject) -> set[str]:
    """What the user's classes and the instance define; nothing that nn.Module or typing brings."""
    known = (nn.Module, object, Generic, Protocol, data.Dataset, data.IterableDataset)
    classes = [cls for cls in subject.cls.__mro__ if cls not in known]
    names = {name for cls in classes for name in (*vars(cls), *own_annotations(cls))}
    attributes: object = getattr(subject.instance, "__dict__", None)
    return names | set(attributes) if is_state_dict(attributes) else names
