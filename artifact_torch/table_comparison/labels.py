"""Names of columns and categories in pictures: none is taken for a formula, none is too long."""

from artifact_torch.table_comparison.contracts import Kept, TableSpec
from artifact_torch.table_comparison.seen import Gaps, Seen
from artifact_torch.table_comparison.spec import renamed

MAX_LABEL = 22
"""Characters."""


def label(name: object, length: int = MAX_LABEL) -> str:
    """`name` on one line, cut in its middle, where two long names are seldom told apart.

    It is drawn as it is with `parse_math=False`.
    """
    line = " ".join(str(name).split())
    shown = "".join(each if each.isprintable() else "?" for each in line) or '""'
    if len(shown) <= length:
        return shown
    end = length // 3
    return f"{shown[: length - end - 1]}…{shown[len(shown) - end :]}"


_ESCAPED = {ord("$"): r"\$"} | {code: repr(chr(code))[1:-1] for code in range(32)}
"""Nothing but a $ begins a formula. What has no sign is written as in a program."""


def escaped(name: str) -> str:
    """`name` in a text of which matplotlib makes formulas; no two names become one."""
    return name.translate(_ESCAPED)


def need_escapes(spec: TableSpec) -> bool:
    """Whether any name or category does."""
    known = spec.cat_unique_map
    names = [*spec.features, *(one for name in spec.cat_features for one in known[name])]
    return any("$" in name or not name.isprintable() for name in names)


def escaped_spec(spec: TableSpec) -> TableSpec:
    """`spec` with its names and categories escaped."""
    return renamed(spec, escaped)


def escaped_seen(kept: Kept, found: Seen, spec: TableSpec) -> Seen:
    """The table with its names and categories escaped, once for each table: what is made of it is
    kept by what it was made of.
    """
    key = ("escaped", id(found.table))
    if key in kept.made and isinstance(made := kept.made[key][1], Seen):
        return made
    escapes = _escaped_seen(found, spec)
    kept.made[key] = ((found.table,), escapes)
    return escapes


def _escaped_seen(found: Seen, spec: TableSpec) -> Seen:
    texts = {name: found.table[name].astype(str).map(escaped) for name in spec.cat_features}
    return Seen(
        table=found.table.assign(**texts).rename(columns=escaped),
        missing={escaped(name): share for name, share in found.missing.items()},
        unknown={escaped(name): share for name, share in found.unknown.items()},
        strange={},
    )


def escaped_gaps(found: Gaps) -> Gaps:
    """They are of the escaped tables."""
    return Gaps(
        words={escaped(name): words for name, words in found.words.items()},
        apart={escaped(name): share for name, share in found.apart.items()},
    )
