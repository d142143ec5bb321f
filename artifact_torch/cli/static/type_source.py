"""A type, written as source that a checker can read in another file."""

import sys
import types
from dataclasses import dataclass
from typing import TypeVar, final, get_args, get_origin

from artifact_torch.checking.annotations.forms import is_never, is_union


@final
@dataclass(frozen=True)
class Source:
    """An expression, and the modules that it names."""

    text: str
    imports: tuple[str, ...] = ()


NEVER = Source("typing_extensions.Never", ("typing_extensions",))


def source_of(hint: object) -> Source | None:
    """`pkg.io.In`; None for what no other file can name: a local class, a callable's form."""
    if hint is None or hint is types.NoneType:
        return Source("None")
    if is_never(hint):
        return NEVER
    args: tuple[object, ...] = get_args(hint)
    origin: object = get_origin(hint)
    if not args:
        return _named(hint if origin is None else origin)
    head = Source("") if is_union(hint) else _named(origin)
    parts = [source_of(arg) for arg in args]
    written = [part for part in parts if part is not None]
    if head is None or len(written) < len(parts):
        return None
    texts = [part.text for part in written]
    imports = {*head.imports, *(name for part in written for name in part.imports)}
    text = " | ".join(texts) if is_union(hint) else f"{head.text}[{', '.join(texts)}]"
    return Source(text, tuple(sorted(imports)))


def _named(form: object) -> Source | None:
    if not isinstance(form, type):
        return None
    module, name = form.__module__, form.__qualname__
    found: object = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not form or module == "__main__":
        return None
    return Source(name) if module == "builtins" else Source(f"{module}.{name}", (module,))


def widest(parameter: object, *, nothing_known: bool) -> Source:
    """What a checker is told for a type parameter that the annotations leave open.

    The widest that the contract itself allows; with `nothing_known` what asks nothing of a caller
    (`Never` where the contract passes something in), so that no checker refuses a doubt.
    """
    if not isinstance(parameter, TypeVar):
        return Source("object")
    if nothing_known and parameter.__contravariant__:
        return NEVER
    bound: object = parameter.__bound__
    return (source_of(bound) if bound is not None else None) or Source("object")
