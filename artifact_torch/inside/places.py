"""Which modules and parameters are looked at, by their qualified names."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias, final

from torch import nn

from artifact_torch.internal.arguments import refuse, shown
from artifact_torch.models.with_forward import model_name

Where: TypeAlias = nn.Module | type[nn.Module] | str
"""A module of the model (`model.encoder`), all modules of a class (`nn.Linear`), or all whose
qualified name matches a pattern (`"encoder.*"`; `*` stands for anything, dots included).
"""

_WRAPPED = "_orig_mod"  # what torch.compile(module) puts between a module and its name


@final
@dataclass(frozen=True, kw_only=True)
class NamedModule:
    """A module under one of its names."""

    name: str
    """Qualified; the model itself goes by the name of its class."""
    module: nn.Module
    inside: str | None
    """The compiled module that it is a part of: in there, torch calls no hook."""


def parts_of(model: nn.Module) -> list[NamedModule]:
    """Every module under every name that it has, in the order of the model."""
    parts: dict[str, NamedModule] = {}

    def walk(module: nn.Module, path: str, inside: str | None) -> None:
        name = path or type(model).__name__
        if name not in parts:  # else torch.compile has wrapped it, and the wrapper stands for it
            parts[name] = NamedModule(name=name, module=module, inside=inside)
        within = name if inside is None and _is_compiled(module) else inside
        for own, child in module.named_children():
            further = path if own == _WRAPPED else f"{path}.{own}" if path else own
            walk(child, further, within)

    walk(model, "", None)
    return list(parts.values())


def modules_at(
    model: nn.Module, at: Where | Sequence[Where] | None, what: str
) -> Mapping[str, nn.Module]:
    """Qualified name to module, in the order of the model; without `at` those without children.

    A shared module goes by its first name. Raises one `ConfigurationError` for every entry of
    `at` that matches nothing, and every module that is inside a compiled one.
    """
    parts = parts_of(model)
    if at is None:
        at = [part.module for part in parts if _is_leaf(part.module)]
    ids, problems = set[int](), list[str]()
    for entry in _listed(at, what):
        found = [id(part.module) for part in parts if _matches(entry, part, model)]
        ids.update(found)
        if not found:
            problems.append(f"{what}: at: {_unknown(entry, model, parts)}")
    wanted = {id(part.module): part for part in reversed(parts) if id(part.module) in ids}
    kept = [part for part in parts if wanted.get(id(part.module)) is part]
    refuse(problems + [f"{what}: {hidden}" for hidden in hidden_ones(kept)])
    return {part.name: part.module for part in kept}


def parameters_at(
    model: nn.Module, at: Where | Sequence[Where] | None, what: str
) -> Mapping[str, nn.Parameter]:
    """Qualified name to parameter: those of the modules `at`, or whose own name matches.

    Raises one `ConfigurationError` for every entry of `at` that matches no parameter.
    """
    named = {_clean(path): parameter for path, parameter in model.named_parameters()}
    parts = parts_of(model)
    ids, problems = set[int](), list[str]()
    for entry in _listed("*" if at is None else at, what):
        modules = [part.module for part in parts if _matches(entry, part, model)]
        found = {id(parameter) for module in modules for parameter in module.parameters()}
        if isinstance(entry, str):
            found |= {id(each) for name, each in named.items() if fnmatchcase(name, entry)}
        ids |= found
        if modules and not found:
            problems.append(f"{what}: at: got {shown(entry)}, which has no parameter")
        elif not found:
            problems.append(f"{what}: at: {_unknown(entry, model, parts, named)}")
    refuse(problems)
    return {name: parameter for name, parameter in named.items() if id(parameter) in ids}


def hidden_ones(parts: Iterable[NamedModule]) -> list[str]:
    """Why nothing can be seen at some of them, and what to do; a line for each compiled module."""
    hidden: dict[str, list[str]] = {}
    for part in parts:
        if part.inside is not None:
            hidden.setdefault(part.inside, []).append(part.name)
    return [
        f"nothing can be seen at {some(names)}: {above} is compiled, and inside it torch calls no "
        f"hook; look at {above} as a whole, compile smaller parts, or nothing while you look"
        for above, names in hidden.items()
    ]


def some(names: Sequence[str]) -> str:
    """The first of them, for an error message."""
    more = "" if len(names) <= 12 else f" and {len(names) - 12} more"
    return ", ".join(names[:12]) + more


def _matches(entry: object, part: NamedModule, model: nn.Module) -> bool:
    if isinstance(entry, str):  # a pattern is for parts: "*" is not the model as well
        return fnmatchcase(part.name, entry) and part.module is not model
    if isinstance(entry, type):
        return isinstance(part.module, entry)
    return part.module is entry or (
        _is_wrapper(part.module) and part.module.get_submodule(_WRAPPED) is entry
    )


def _unknown(
    entry: object, model: nn.Module, parts: Sequence[NamedModule], also: Iterable[str] = ()
) -> str:
    """What `entry` is and what there is instead."""
    of = model_name(model)
    if isinstance(entry, str):
        known = [*(part.name for part in parts if part.module is not model), *also]
        near = difflib.get_close_matches(entry, known, n=1) if "*" not in entry else ()
        meant = f"; did you mean {near[0]}?" if near else ""
        return f'got "{entry}", which matches no name in {of}: {some(known)}{meant}'
    if isinstance(entry, type):
        classes = dict.fromkeys(type(part.module).__name__ for part in parts)
        return f"got {shown(entry)}, of which {of} has no module; there are {some([*classes])}"
    if isinstance(entry, nn.Module):
        return (
            f"got {shown(entry)} that is no part of this {of}; give the object that is in it, "
            "such as model.encoder"
        )
    return f"got {shown(entry)}, expected a module, a class of modules, or a name"


def _listed(at: Where | Sequence[Where], what: str) -> Sequence[Where]:
    places = at if isinstance(at, Sequence) and not isinstance(at, str) else [at]
    refuse([] if places else [f"{what}: at is empty; leave it out to look everywhere"])
    return places


def _is_leaf(module: nn.Module) -> bool:
    return _is_wrapper(module) or next(module.children(), None) is None


def _is_wrapper(module: nn.Module) -> bool:
    return any(name == _WRAPPED for name, _ in module.named_children())


def _is_compiled(module: nn.Module) -> bool:
    """By `module.compile()`, which torch has no public question for, or `torch.compile(module)`."""
    in_place: object = getattr(module, "_compiled_call_impl", None)
    return in_place is not None or _is_wrapper(module)


def _clean(path: str) -> str:
    return ".".join(part for part in path.split(".") if part != _WRAPPED)
