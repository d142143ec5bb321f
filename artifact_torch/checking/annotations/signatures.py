"""The parameters and the result of one call."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import (
    Any,
    Final,
    ParamSpecArgs,
    ParamSpecKwargs,
    final,
    get_args,
    get_origin,
)

import typing_extensions as te

from artifact_torch.checking.annotations.annotations import extra_items, typed_dict_keys
from artifact_torch.checking.annotations.forms import (
    NO_ANNOTATION,
    is_param_spec,
    is_typed_dict,
    unpacked,
)
from artifact_torch.checking.annotations.generics import free_variables, substitute
from artifact_torch.internal.narrowing import is_list

_P: Final = inspect.Parameter
POSITIONAL: Final = (_P.POSITIONAL_ONLY, _P.POSITIONAL_OR_KEYWORD)
COLLECTING: Final = (_P.VAR_POSITIONAL, _P.VAR_KEYWORD)
PASSED_ON: Final = (ParamSpecArgs, ParamSpecKwargs)
UNNAMED: Final = object()
"""Marks the `**kwargs` of a typed dict that is not closed: it may hold more keys, which a caller
passes on and does not write.
"""


@final
@dataclass(frozen=True)
class Signature:
    """The parameters of one call, without `self`, and the types of all annotations."""

    parameters: tuple[inspect.Parameter, ...]
    hints: Mapping[str, object]
    """By parameter name, and `return`; a name without annotation is there as `NO_ANNOTATION`."""

    @property
    def variables(self) -> frozenset[object]:
        """The type variables in it."""
        return frozenset(v for hint in self.hints.values() for v in free_variables(hint))

    @property
    def is_open(self) -> bool:
        """Whether it has `*args, **kwargs` that say nothing: `...` in a `Callable`."""
        says = [self.hints[p.name] for p in self.parameters if p.kind in COLLECTING]
        return len(says) == len(COLLECTING) and all(
            hint in (Any, NO_ANNOTATION) or isinstance(hint, PASSED_ON) for hint in says
        )

    def with_known(self, known: Mapping[object, object]) -> "Signature":
        """Type variables replaced; `*args: P.args, **kwargs: P.kwargs` by what `P` stands for."""
        if not known:
            return self
        hints = {name: substitute(hint, known) for name, hint in self.hints.items()}
        last = hints.get(self.parameters[-1].name) if self.parameters else None
        if not isinstance(last, ParamSpecKwargs) or last.__origin__ not in known:
            return Signature(self.parameters, hints)
        rest = called_with(substitute(last.__origin__, known))
        kept = {p.name: hints[p.name] for p in self.parameters[:-2]}
        hints = {**rest.hints, **kept, "return": hints["return"]}
        return Signature((*self.parameters[:-2], *rest.parameters), hints)


def called_with(parts: object, result: object = NO_ANNOTATION) -> Signature:
    """The signature of `Callable[parts, result]`."""
    listed = [*parts] if is_list(parts) else [*get_args(parts)] or [parts]
    ending = None if is_list(parts) else listed.pop()
    parameters = [_P(f"argument_{n}", _P.POSITIONAL_ONLY) for n in range(1, len(listed) + 1)]
    hints = {p.name: hint for p, hint in zip(parameters, listed, strict=True)}
    if ending is not None:
        for name, kind in zip(("args", "kwargs"), COLLECTING, strict=True):
            parameters.append(_P(name, kind))
            hints[name] = getattr(ending, name) if is_param_spec(ending) else Any
    return spread(Signature(tuple(parameters), {**hints, "return": result}))


def spread(signature: Signature) -> Signature:
    """`*args: *tuple[int, str]` and `**kwargs: Unpack[SomeDict]` as the parameters they mean."""
    parameters: list[inspect.Parameter] = []
    hints = {**signature.hints}
    for p in signature.parameters:
        inner = unpacked(hints[p.name])
        items = get_args(inner)
        if p.kind is _P.VAR_KEYWORD and is_typed_dict(inner):
            del hints[p.name]
            for name, key in typed_dict_keys(inner).items():
                default = _P.empty if key.required else None
                parameters.append(_P(name, _P.KEYWORD_ONLY, default=default))
                hints[name] = key.hint
            if te.Never != (rest := extra_items(inner).hint):
                parameters.append(p.replace(annotation=UNNAMED if rest is object else _P.empty))
                hints[p.name] = rest
        elif p.kind in (*POSITIONAL, _P.VAR_POSITIONAL) and get_origin(inner) is tuple:
            if items[1:] == (Ellipsis,) or any(unpacked(item) is not None for item in items):
                parameters.append(_P(p.name, _P.VAR_POSITIONAL))
                hints[p.name] = items[0] if items[1:] == (Ellipsis,) else NO_ANNOTATION
            else:
                places = {f"{p.name}_{n}": item for n, item in enumerate(items)}
                parameters += [_P(place, _P.POSITIONAL_ONLY) for place in places]
                hints = {**{n: h for n, h in hints.items() if n != p.name}, **places}
        else:
            parameters.append(p)
    return Signature(tuple(parameters), hints)
