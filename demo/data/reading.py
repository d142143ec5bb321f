"""A file of the user's own: what separates its cells, how its letters are written, what it holds."""

import codecs
import csv
import io
import json
import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import final

import pandas as pd

from demo.data.cells import Form, is_number, typed


class TableError(ValueError):
    """A table that cannot be used as it is; the message names every problem."""


@final
@dataclass(frozen=True, kw_only=True)
class ReadTable:
    """A table, what had to be decided to read it, a line each, and how to write one like it."""

    table: pd.DataFrame
    told: Sequence[str]
    forms: Mapping[str, Form]
    """Of the columns of numbers that are not written as plain ones, and of times of day."""
    separator: str


_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_HINT = re.compile(r"sep=(.)\r?\n?")
_SAMPLE = 200  # lines that are looked at to find the separator
_BINARY = {
    b"PK\x03\x04": "a spreadsheet or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"\x1f\x8b": "compressed by gzip",
    b"PAR1": "a Parquet file",
    b"SQLite format 3\x00": "a database",
}


@final
@dataclass(frozen=True, kw_only=True)
class Reading:
    """A file, and what is known about it: separator and encoding are found where they are None."""

    path: Path
    na: Sequence[str] = ()
    separator: str | None = None
    encoding: str | None = None


def read_table(reading: Reading) -> ReadTable:
    """The table in a text file with a header line, each column of the type that all its cells have.

    An empty cell is missing, and so is one of the words `na`; `NA`, `?` and their like are missing in
    a column of numbers or dates otherwise, in a column of words they are words. What has leading
    zeros is text.

    Raises `TableError`: there is no such file, it is no text, it has no row, a name is there twice,
    a line has more cells than the header.
    """
    separator, path = reading.separator, reading.path
    text, told = _text(path, reading.encoding)
    text = text.rstrip("\x1a")  # the end of a file, to old programs
    if hint := _HINT.match(text):  # of spreadsheets, for each other
        text, separator = text[hint.end() :], separator or hint[1]
    if not text.strip():
        raise TableError(f"{path} must have a header line and rows, it is empty")
    if _is_json(text):
        raise TableError(
            f"{path} must be a CSV file, it is JSON; save the table as CSV, pd.read_json(...).to_csv(...)"
        )
    if separator is not None and len(separator) != 1:
        raise TableError(f"--separator must be one character, got {separator!r}")
    sign = separator or _separator_of(text)
    if separator is None and sign != ",":
        told.append(f"its cells are separated by a {_SEPARATORS[sign]}")
    cells = _cells(path, text, sign)
    if n_short := _n_short(text, sign, cells):
        told.append(f"{n_short} lines have fewer cells than the header: the last ones are missing")
    if numbers := [name for name in cells.columns if is_number(name)]:
        shown = ", ".join(map(repr, numbers[:3]))
        told.append(f"its first line is taken as names, {shown} too; add one where that is a row")
    columns = {
        name: typed(cells[name], na=reading.na, comma_may_be_decimal=sign != ",")
        for name in cells.columns
    }
    told += [f"column {name!r}: {column.told}" for name, column in columns.items() if column.told]
    return ReadTable(
        table=pd.DataFrame({name: column.data for name, column in columns.items()}),
        told=told,
        forms={name: column.form for name, column in columns.items() if column.form},
        separator=sign,
    )


def _text(path: Path, encoding: str | None) -> tuple[str, list[str]]:
    if not path.is_file():
        raise TableError(
            f"the table must be a CSV file, got {path}, which is no file; check the path"
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}") from error
    for start, what in _BINARY.items():
        if content.startswith(start):
            raise TableError(f"{path} must be a text file, it is {what}; save the table as CSV")
    if encoding is not None:
        return _decoded(path, content, encoding), []
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(path, content, "utf-16"), ["its encoding is UTF-16"]
    if b"\0" in content:
        raise TableError(
            f"{path} must be a text file, it has zero bytes; save the table as CSV, or name its "
            "encoding: --encoding"
        )
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        told = f"line {line} is not UTF-8: read as Windows-1252; if letters are wrong, --encoding"
        return content.decode("cp1252", errors="replace"), [told]


def _decoded(path: Path, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        raise TableError(
            f"--encoding {encoding}: there is no such encoding; utf-8, latin-1 or cp1252 are usual"
        ) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise TableError(
            f"{path} is not written in {encoding}: line {line} has a byte 0x"
            f"{content[error.start]:02x}; name another with --encoding, latin-1 reads any"
        ) from error


def _is_json(text: str) -> bool:
    """Whether it holds records, or each of its lines one."""
    start = text.lstrip()
    if not start.startswith(("{", "[")):
        return False
    for words in (start.partition("\n")[0], start):
        with suppress(ValueError, RecursionError):
            match json.loads(words):
                case {**record} | [{**record}, *_]:
                    return bool(record)
                case _:
                    return False
    return False


def _separator_of(text: str) -> str:
    """The sign that cuts the first lines into equally many cells, the more the better; a comma where
    none does.
    """
    lines = text.splitlines()[:_SAMPLE]
    found = {sign: _agreement(lines, sign) for sign in _SEPARATORS}
    best = max(found, key=lambda sign: found[sign])
    return best if found[best] > (0.0, 0) else ","


def _agreement(lines: Sequence[str], sign: str) -> tuple[float, int]:
    """The share of lines with as many cells as the header, and how many those are; 0 for one."""
    try:
        sizes = [len(row) for row in csv.reader(lines, delimiter=sign) if row]
    except csv.Error:
        return 0.0, 0
    if not sizes or sizes[0] < 2:  # one cell: it separates nothing
        return 0.0, 0
    return sizes.count(sizes[0]) / len(sizes), sizes[0]


def _cells(path: Path, text: str, sign: str) -> pd.DataFrame:
    """All cells as text, without a value that stands for a missing one."""
    rows = csv.reader(_lines(text), delimiter=sign)
    try:
        header: list[str] = next((row for row in rows if row), [""])
    except csv.Error as error:
        raise TableError(
            f"{path} must be a CSV file with a header line, its first line cannot be read: {error}"
        ) from error
    if header == [""]:
        raise TableError(f"{path} must have a header line, its first line is an empty cell")
    names = [name.strip() for name in header]
    twice = [name for name, count in Counter(names).items() if count > 1 and name]
    if twice:
        raise TableError(
            f"{path} cannot be used: its header has {', '.join(map(repr, twice))} more than once; "
            "rename all but one, or add a header line where this is a row"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "error", pd.errors.ParserWarning
            )  # of lines longer than the header
            cells = pd.read_csv(
                io.StringIO(text),
                sep=sign,
                dtype=str,
                keep_default_na=False,
                na_filter=False,
                skipinitialspace=True,
                index_col=False,
            )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning) as error:
        if n_before := _n_before(text, sign):
            lines = "is 1 line" if n_before == 1 else f"are {n_before} lines"
            raise TableError(
                f"{path} must begin with its header, but before it {lines} with fewer cells separated by "
                f"a {_SEPARATORS.get(sign, repr(sign))}; remove what is before it, or name the "
                "separator: --separator"
            ) from error
        raise TableError(
            f"{path} must have as many cells in each line as its header, {len(header)} separated by "
            f"a {_SEPARATORS.get(sign, repr(sign))}, got {_longer(text, sign, len(header))}; correct "
            "it, or name the separator: --separator"
        ) from error
    if not len(cells):
        raise TableError(f"{path} must have at least 1 row beside its header, it has none")
    cells.columns = pd.Index([str(name).strip() for name in cells.columns])
    return cells


def _n_before(text: str, sign: str) -> int:
    """How many lines come before those that have as many cells as most have."""
    lines = text.splitlines()[:_SAMPLE]
    with suppress(csv.Error):
        rows = [next(csv.reader([line], delimiter=sign), None) for line in lines]
        sizes = [len(row or ()) for row in rows]
        usual, n_usual = Counter(sizes).most_common(1)[0]
        before = sizes[: sizes.index(usual)]
        return len(before) if 2 * n_usual > len(sizes) and usual > max(before, default=usual) else 0
    return 0


def _n_short(text: str, sign: str, cells: pd.DataFrame) -> int:
    if not (cells.iloc[:, -1] == "").any():  # which is fast
        return 0
    rows = csv.reader(_lines(text), delimiter=sign)
    with suppress(csv.Error):  # a cell of 200,000 characters, which pandas reads
        return sum(0 < len(row) < len(cells.columns) for row in rows)
    return 0


def _lines(text: str) -> io.StringIO:
    """That end in any way, as some old programs write them."""
    return io.StringIO(text, newline="")


def _longer(text: str, sign: str, n_cells: int) -> str:
    """The first row with more cells than that, in words."""
    rows = csv.reader(_lines(text), delimiter=sign)
    with suppress(csv.Error):  # a cell of 100,000 characters
        for row in rows:
            if len(row) > n_cells:
                return f"{len(row)} in line {rows.line_num}"
    return "a quoted cell that does not end"
