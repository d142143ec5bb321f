"""A type, written as source that a checker can read in another file."""

import re
import sys
import types
from typing import Final, TypeVar, get_args, get_origin

from artifact_torch.checking.annotations.forms import is_never, is_union

NEVER: Final = "typing_extensions.Never"


def source_of(hint: object) -> str | None:
    """`pkg.io.In`; None for what no other file can name: a local class, a callable's form."""
    if hint is None or hint is types.NoneType:
        return "None"
    if is_never(hint):
        return NEVER
    args: tuple[object, ...] = get_args(hint)
    origin: object = get_origin(hint)
    if not args:
        return _named(hint if origin is None else origin)
    head = "" if is_union(hint) else _named(origin)
    parts = [part for arg in args if (part := source_of(arg)) is not None]
    if head is None or len(parts) < len(args):
        return None
    return f"{head}[{', '.join(parts)}]" if head else " | ".join(parts)


def _named(form: object) -> str | None:
    if not isinstance(form, type):
        return None
    module, name = form.__module__, form.__qualname__
    found: object = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not form or module == "__main__":
        return None
    return name if module == "builtins" else f"{module}.{name}"


def modules_in(source: str) -> set[str]:
    """All that have to be imported for it."""
    found: set[str] = set()
    for name in re.findall(r"[\w.]+", source):
        while (name := name.rpartition(".")[0]) and name not in sys.modules:
            pass
        found |= {name} - {""}
    return found


def widest(parameter: object, *, nothing_known: bool) -> str:
    """What a checker is told for a type parameter that the annotations leave open.

    The widest that the contract itself allows; with `nothing_known` what asks nothing of a caller
    (`Never` where the contract passes something in), so that no checker refuses a doubt.
    """
    if not isinstance(parameter, TypeVar):
        return "object"
    if nothing_known and parameter.__contravariant__:
        return NEVER
    bound: object = parameter.__bound__
    return (source_of(bound) if bound is not None else None) or "object"
