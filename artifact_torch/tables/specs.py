"""What the columns of a table are: a table of them that can be read and edited."""

import reprlib
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Self, TypeAlias, final, get_args

import pandas as pd

from artifact_torch.internal.arguments import refuse, shown

Kind: TypeAlias = Literal[
    "numeric",
    "category",
    "ordinal",
    "boolean",
    "datetime",
    "identifier",
    "fresh",
    "drop",
]
"""numeric: quantile bins, values drawn for a bin. category, ordinal (its order kept),
boolean: the values of the training table. datetime: as numeric. identifier: names a row; a codec
asks what to do with it. fresh: new values of the pattern of the training table's. drop: left out.
"""

Kinds: TypeAlias = Mapping[Any, Kind]  # of names: to a checker a `dict[str, Kind]` is no mapping
# of hashable keys, and a union of mappings loses the literals

KINDS: tuple[str, ...] = get_args(Kind)
_CONTINUOUS: tuple[Kind, ...] = ("numeric", "datetime")
_CATEGORICAL: tuple[Kind, ...] = ("category", "ordinal", "boolean")
_HEADER = ("column", "kind", "reason", "examples")


@final
@dataclass(frozen=True, kw_only=True)
class ColumnSpec:
    """What one column is, and why."""

    name: Hashable
    """As in the table: a text, or an integer."""
    kind: Kind
    reason: str = ""
    examples: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            refuse([f"column {self.name!r}: {_unknown(self.kind)}"])


@final
class ColumnSpecs:
    """The kind of each column of a table, in its order; printed, a table of column, kind, reason
    and examples.

    Nothing here is changed: `with_kinds` gives another one. Raises `ConfigurationError` for names
    that are there twice, as words: `1` and `"1"` are one.
    """

    def __init__(self, columns: Sequence[ColumnSpec]) -> None:
        self._columns = {column.name: column for column in columns}
        refuse([f"ColumnSpecs: {one}" for one in repeated([each.name for each in columns])])

    def with_kinds(self, kinds: Kinds | None = None, /, **named: Kind) -> Self:
        """The same columns, those named here of another kind: `with_kinds(zip_code="category")`.

        A name that is no identifier of Python's goes into a mapping: `with_kinds({"a b": "drop"})`.
        Raises `ConfigurationError` that lists every unknown column and kind.
        """
        wanted: dict[Hashable, Kind] = dict(kinds or {})
        wanted.update(named)
        known = ", ".join(map(repr, self._columns))
        refuse(
            [
                f"with_kinds: {name!r} is no column, the columns are {known}"
                for name in wanted
                if name not in self._columns
            ]
            + [
                f"with_kinds: column {name!r}: {_unknown(kind)}"
                for name, kind in wanted.items()
                if kind not in KINDS
            ]
        )
        changed = [
            replace(column, kind=wanted[name], reason="as told") if name in wanted else column
            for name, column in self._columns.items()
        ]
        return type(self)(changed)

    def named_as(self, names: Iterable[Hashable], /) -> Self:
        """The same columns by those of `names` that are equal as words: a file knows no integers, so
        that a column 7 is `"7"` where `to_frame().to_csv()` was read again.
        """
        words = {str(name): name for name in names}
        return type(self)(
            [replace(each, name=words.get(str(each.name), each.name)) for each in self]
        )

    def to_frame(self) -> pd.DataFrame:
        """A row per column: column, kind, reason, examples; to be edited, and read by `from_frame`."""
        rows = [(each.name, each.kind, each.reason, each.examples) for each in self]
        return pd.DataFrame(rows, columns=list(_HEADER)).astype({"column": object})

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Self:
        """What `to_frame` gave, edited; `reason` and `examples` may be left out.

        Raises `ConfigurationError` that lists every unknown kind, or where a column is missing.
        """
        absent = [name for name in ("column", "kind") if name not in frame.columns]
        refuse([f"from_frame: there is no column {name!r}, to_frame has it" for name in absent])
        rows: list[dict[str, object]] = [
            {str(key): value for key, value in row.items()} for row in frame.to_dict("records")
        ]
        kinds: list[Kind | None] = [_kind(row["kind"]) for row in rows]
        refuse(
            [
                f"from_frame: column {row['column']!r}: {_unknown(row['kind'])}"
                for row, kind in zip(rows, kinds, strict=True)
                if kind is None
            ]
        )
        return cls(
            [
                ColumnSpec(
                    name=row["column"],
                    kind=kind,
                    reason=_text(row.get("reason")),
                    examples=_text(row.get("examples")),
                )
                for row, kind in zip(rows, kinds, strict=True)
                if kind is not None
            ]
        )

    @property
    def names(self) -> Sequence[Hashable]:
        """All columns, those that are left out too."""
        return tuple(self._columns)

    @property
    def cts_features(self) -> Sequence[str]:
        """The numeric and datetime columns, as `table_spec` calls them."""
        return self._of(_CONTINUOUS)

    @property
    def cat_features(self) -> Sequence[str]:
        """The category, ordinal and boolean columns, as `table_spec` calls them."""
        return self._of(_CATEGORICAL)

    def _of(self, kinds: Sequence[Kind]) -> Sequence[str]:
        return [str(each.name) for each in self if each.kind in kinds]

    def __iter__(self) -> Iterator[ColumnSpec]:
        return iter(self._columns.values())

    def __len__(self) -> int:
        return len(self._columns)

    def __getitem__(self, name: Hashable) -> ColumnSpec:
        if name not in self._columns:
            refuse([f"{name!r} is no column, the columns are {', '.join(map(repr, self.names))}"])
        return self._columns[name]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ColumnSpecs) and self._columns == other._columns

    def __hash__(self) -> int:
        return hash(tuple(self._columns.items()))

    def __repr__(self) -> str:
        with pd.option_context("display.max_colwidth", 60):
            return self.to_frame().to_string(index=False, justify="left")


def repeated(names: Sequence[Hashable]) -> list[str]:
    """A line for each of `names` that is there more than once, as words or as keys: 1 and 1.0 are one."""
    keys = {name: str(name) for name in reversed(names)}
    words = [keys[name] for name in names]
    return [
        f"the column {name!r} is there {words.count(name)} times; rename all but one"
        for name in dict.fromkeys(words)
        if words.count(name) > 1
    ]


def example(value: object) -> str:
    """`value` in a few characters."""
    if isinstance(value, date):  # times are dates, too
        return str(value).removesuffix(" 00:00:00")
    cut = reprlib.Repr()
    cut.maxstring = cut.maxother = 24
    return cut.repr(value)


def _text(value: object) -> str:
    """Nothing for an empty cell, which comes back from a file as NaN."""
    return value if isinstance(value, str) else ""


def _kind(value: object) -> Kind | None:
    found: dict[object, Kind] = {kind: kind for kind in get_args(Kind)}
    return found.get(value) if isinstance(value, str) else None


def _unknown(kind: object) -> str:
    return f"the kind must be one of {', '.join(KINDS)}, got {shown(kind)}"
