"""Whether a function can be called in every way in which its contract is called."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, final

from artifact_torch.checking.annotations.signatures import COLLECTING, POSITIONAL, UNNAMED
from artifact_torch.checking.violation import refusal
from artifact_torch.errors import Code, Violation

_P: Final = inspect.Parameter
_NAMED: Final = (_P.POSITIONAL_OR_KEYWORD, _P.KEYWORD_ONLY)


@final
@dataclass
class Pairing:
    """Which parameter of the function receives which argument of the contract."""

    member: str
    parameters: Sequence[inspect.Parameter]
    takes_more: bool
    """Whether callers may pass any number of arguments by position."""
    pairs: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Name in the contract, name in the function."""
    violations: list[Violation] = field(default_factory=list[Violation])

    def refuse(self, code: Code, message: str, fix: str | None = None) -> None:
        """Note a violation of the member."""
        self.violations += refusal(self.member, code, message, fix)

    def positional(self) -> list[inspect.Parameter]:
        """Those that may be given by position, in their order."""
        return [p for p in self.parameters if p.kind in POSITIONAL]

    def named(self, name: str) -> inspect.Parameter | None:
        """The parameter that takes `name=`, if any; `**kwargs` as the last resort."""
        exact = next((p for p in self.parameters if p.name == name and p.kind in _NAMED), None)
        rest = self.collecting(_P.VAR_KEYWORD)
        return exact or (None if rest is None or rest.annotation is UNNAMED else rest)

    def collecting(self, kind: object) -> inspect.Parameter | None:
        """`*args` or `**kwargs`, if there is one."""
        return next((p for p in self.parameters if p.kind is kind), None)

    def is_used_by_position(self, parameter: inspect.Parameter) -> bool:
        """Whether the parameter may already hold an argument when it is also given by name."""
        taken = any(name == parameter.name for _, name in self.pairs) or self.takes_more
        return taken and parameter.kind in POSITIONAL

    def join(self, asked: inspect.Parameter, taken: inspect.Parameter) -> None:
        """An argument of the contract goes to that parameter."""
        self.pairs.append((asked.name, taken.name))
        optional = asked.default is not _P.empty
        if optional and taken.default is _P.empty and taken.kind not in COLLECTING:
            message = f"requires {taken.name}, which callers may leave out"
            self.refuse("parameter-required", message, "give it a default")


def pair_parameters(
    member: str,
    asked: Sequence[inspect.Parameter],
    parameters: Sequence[inspect.Parameter],
    *,
    is_open: bool = False,
) -> Pairing:
    """Pairs and violations; `self` is in neither sequence. `is_open`: nobody knows with what more
    the contract's caller calls, as with `Callable[..., int]`.
    """
    if is_open:
        asked = [p for p in asked if p.kind not in COLLECTING]
    takes_more = any(p.kind is _P.VAR_POSITIONAL for p in asked)
    pairing = Pairing(member, parameters, takes_more)
    by_position = [p for p in asked if p.kind in POSITIONAL]
    receivers = _receivers(pairing, by_position)
    for number, parameter in enumerate(by_position, start=1):
        if (taken := receivers.get(parameter.name)) is not None:
            pairing.join(parameter, taken)
            has_name = taken.name == parameter.name and taken.kind in _NAMED
            if parameter.kind is _P.POSITIONAL_OR_KEYWORD and not has_name:
                _require_name(pairing, number, parameter, taken)
        else:
            later = (receivers.get(p.name) for p in by_position[number:])
            _refuse_position(pairing, parameter, next(filter(None, later), None))
    for parameter in asked:
        if parameter.kind is _P.KEYWORD_ONLY:
            _pair_keyword(pairing, parameter)
        if parameter.kind in COLLECTING:
            _pair_collecting(pairing, parameter)
    if not is_open:
        _refuse_extra(pairing, asked)
    return pairing


def _receivers(
    pairing: Pairing, asked: Sequence[inspect.Parameter]
) -> dict[str, inspect.Parameter]:
    """By argument, the parameter that takes it. Where there are too few, names tell for which
    arguments they were meant, else the first ones get them.
    """
    places = pairing.positional()
    names = [p.name for p in asked]
    rest = pairing.collecting(_P.VAR_POSITIONAL)
    if rest is not None:
        places += [rest] * (len(names) - len(places))
    if len(places) >= len(names):
        return dict(zip(names, places, strict=False))
    choices = [dict(zip(some, places, strict=True)) for some in combinations(names, len(places))]
    return max(choices, key=lambda choice: sum(n == p.name for n, p in choice.items()))


def _refuse_position(
    pairing: Pairing, asked: inspect.Parameter, later: inspect.Parameter | None
) -> None:
    named = _by_keyword_only(pairing, asked)
    if named is not None:
        pairing.pairs.append((asked.name, named.name))
        message = f"takes {named.name} by keyword only, is given it by position"
        pairing.refuse("parameter-missing", message, f"move {named.name} before the *")
        return
    number = len(pairing.positional())
    few = {0: "no argument", 1: "only 1 argument"}
    accepts = few.get(number, f"only {number} arguments")
    message = f"accepts {accepts} by position, is also given {asked.name}"
    place = f" before {later.name}" if later is not None else ""
    pairing.refuse("parameter-missing", message, f"add the parameter {asked.name}{place}")


def _by_keyword_only(pairing: Pairing, asked: inspect.Parameter) -> inspect.Parameter | None:
    """The parameter that was probably meant to take the argument."""
    used = {name for _, name in pairing.pairs}
    free = [p for p in pairing.parameters if p.kind is _P.KEYWORD_ONLY and p.name not in used]
    same = next((p for p in free if p.name == asked.name), None)
    return same or next((p for p in free if p.default is _P.empty), None)


def _require_name(
    pairing: Pairing, number: int, asked: inspect.Parameter, taken: inspect.Parameter
) -> None:
    """The contract's caller may write `name=value`."""
    if taken.kind is _P.VAR_POSITIONAL:
        named = pairing.named(asked.name)
        if named is None or pairing.is_used_by_position(named):
            message = f"does not take {asked.name}=, which callers may write"
            pairing.refuse("parameter-name", message, "add **kwargs, or name the parameter")
        elif named.kind is _P.VAR_KEYWORD or named.default is not _P.empty:
            pairing.pairs.append((asked.name, named.name))
        return
    if taken.kind is _P.POSITIONAL_ONLY and taken.name == asked.name:
        message = f"takes {taken.name} by position only, callers may write {asked.name}="
        pairing.refuse("parameter-name", message, "remove the / behind it")
        return
    message = f"names argument {number} {taken.name}, callers may write {asked.name}="
    pairing.refuse("parameter-name", message, f"rename {taken.name} to {asked.name}")


def _pair_keyword(pairing: Pairing, asked: inspect.Parameter) -> None:
    taken = pairing.named(asked.name)
    if taken is None:
        message = f"does not take the keyword {asked.name}="
        pairing.refuse("parameter-missing", message, f"add {asked.name} as a parameter")
    elif pairing.is_used_by_position(taken):
        message = f"takes another argument as {taken.name} by position, is also given {asked.name}="
        pairing.refuse("parameter-missing", message, f"move {taken.name} behind a *")
    else:
        pairing.join(asked, taken)


def _pair_collecting(pairing: Pairing, asked: inspect.Parameter) -> None:
    taken = pairing.collecting(asked.kind)
    star = "*" if asked.kind is _P.VAR_POSITIONAL else "**"
    if taken is None or (taken.annotation is UNNAMED and asked.annotation is not UNNAMED):
        message = f"does not take any number of arguments ({star}{asked.name})"
        pairing.refuse("parameter-missing", message, f"add {star}{asked.name}")
        return
    kinds = POSITIONAL if asked.kind is _P.VAR_POSITIONAL else (_P.KEYWORD_ONLY,)
    used = {name for _, name in pairing.pairs}
    extra = [p for p in pairing.parameters if p.kind in kinds and p.name not in used]
    pairing.pairs += [(asked.name, p.name) for p in [*extra, taken]]


def _refuse_extra(pairing: Pairing, asked: Sequence[inspect.Parameter]) -> None:
    collecting = {p.name for p in asked if p.kind in COLLECTING}
    used = {name for passed, name in pairing.pairs if passed not in collecting}
    for parameter in pairing.parameters:
        needed = parameter.default is _P.empty and parameter.kind not in COLLECTING
        if needed and parameter.name not in used:
            message = f"requires {parameter.name}, which no caller passes"
            pairing.refuse(
                "parameter-extra", message, "give it a default, or make it part of what is passed"
            )
