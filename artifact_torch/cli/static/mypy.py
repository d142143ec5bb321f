"""Asking mypy, and understanding what it says."""

import configparser
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from artifact_torch.cli.reports.findings import Refusal, Verdict
from artifact_torch.cli.static.project import Project, checker_paths, toml_table, upward
from artifact_torch.cli.static.witness import FILE, Witness
from artifact_torch.internal.narrowing import is_mapping

INSTALL: Final = "python -m pip install mypy"

_REFUSES = frozenset({"return-value", "type-var"})
_CANNOT = frozenset(
    {"import", "import-not-found", "import-untyped", "attr-defined", "name-defined", "valid-type"}
    | {"syntax", "None"}
)
_MISSING = re.compile(r'is missing following ".*" protocol members?:')
_METHOD = re.compile(r"def (?:\[.*?\] )?(?P<member>\w+)\(")
_VALUE = re.compile(r"(?P<member>\w+): expected (?P<words>.*)")
_KIND = re.compile(r"Protocol member \w+\.(?P<member>\w+) (?P<words>expected .*)")


def find() -> list[str] | None:
    """The command of mypy; None if there is none."""
    if importlib.util.find_spec("mypy") is not None:
        return [sys.executable, "-m", "mypy"]
    installed = shutil.which("mypy")
    return [installed] if installed else None


def version() -> str:
    """Of the mypy in this environment."""
    try:
        return importlib.metadata.version("mypy")
    except importlib.metadata.PackageNotFoundError:
        return ""


def environment(inherited: Mapping[str, str], folder: Path, project: Project) -> dict[str, str]:
    """With the roots of the project, and the folder of the witness, to import from."""
    roots = [str(folder), *map(str, checker_paths(project))]
    return {
        **inherited,
        "MYPYPATH": os.pathsep.join([*roots, *filter(None, [inherited.get("MYPYPATH")])]),
    }


def arguments(folder: Path, config: Path | None, cache: Path) -> list[str]:
    """The user's own settings, but for what is looked at and how it is said."""
    chosen = [] if config is None else ["--config-file", str(config)]
    said = ["--output", "json", "--no-error-summary", "--no-pretty", "--show-error-codes"]
    looked = ["--follow-imports", "silent", "--python-executable", sys.executable]
    return [*chosen, *said, *looked, "--cache-dir", str(cache), str(folder / FILE)]


def find_config(project: Project) -> Path | None:
    """mypy.ini, .mypy.ini, or a pyproject.toml or setup.cfg with a part for mypy, nearest upward."""
    for folder in upward(project.folder):
        for name in ("mypy.ini", ".mypy.ini"):
            if (folder / name).is_file():
                return folder / name
        if toml_table(folder / "pyproject.toml", "tool", "mypy") is not None:
            return folder / "pyproject.toml"
        if _has_section(folder / "setup.cfg"):
            return folder / "setup.cfg"
    return None


def _has_section(file: Path) -> bool:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(file, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return False
    return parser.has_section("mypy")


def read(
    output: str, errors: str, status: int | None, witness: Witness
) -> tuple[dict[int, Verdict], str]:
    """Its verdicts by number of the claim, and why it could say nothing."""
    refusals: dict[int, list[Refusal]] = {number: [] for number in range(len(witness.claims))}
    blind: set[int] = set()
    troubles: list[str] = []
    diagnostics = _diagnostics(output)
    for each in diagnostics:
        message, code, at = str(each.get("message")), str(each.get("code")), each.get("line")
        own = Path(str(each.get("file"))).name == FILE
        line = at if own and isinstance(at, int) else 0
        number = witness.claim_at(line)
        hint = each.get("hint")
        if number is not None and code in _REFUSES:
            refusals[number] += refusals_in(message, hint if isinstance(hint, str) else "")
        elif each.get("severity") == "error" and code in _CANNOT and witness.is_essential(line):
            troubles.append(message if own else f"{each.get('file')}:{at}: {message}")
        elif number is not None and message == 'Revealed type is "Any"':
            blind.add(number)
    if status not in (0, 1) and not troubles:
        troubles.append(f"it did not answer: {_last_words(diagnostics, errors)}")
    verdicts = {
        number: Verdict(refusals=tuple(said), sees_any=number in blind)
        for number, said in refusals.items()
    }
    return verdicts, "; ".join(dict.fromkeys(troubles))


def _last_words(diagnostics: Sequence[Mapping[object, object]], errors: str) -> str:
    for each in diagnostics:
        return f"{each.get('file')}:{each.get('line')}: {each.get('message')}"
    return (errors.strip().splitlines() or ["no output"])[-1]


def _diagnostics(output: str) -> list[Mapping[object, object]]:
    found: list[Mapping[object, object]] = []
    for line in output.splitlines():
        if line.startswith("{"):
            each: object = json.loads(line)
            if is_mapping(each):
                found.append(each)
    return found


def refusals_in(message: str, hint: str) -> list[Refusal]:
    """What one error and its notes say, member by member."""
    lines = [line.strip() for line in hint.splitlines()]
    refusals: list[Refusal] = []
    for number, line in enumerate(lines):
        if _MISSING.search(line):
            names = lines[number + 1].split(", ") if number + 1 < len(lines) else []
            refusals += [Refusal(member=name, words="is missing") for name in names]
        elif found := _KIND.match(line) or _VALUE.match(line):
            words = found["words"]
            words = words if words.startswith("expected") else f"expected {words}"
            refusals.append(Refusal(member=found["member"], words=words))
        elif line == "Expected:" and number + 1 < len(lines):
            refusals += _conflict(lines[number + 1], lines[number + 2 :])
    return refusals or [Refusal(words=message)]


def _conflict(wanted: str, rest: Sequence[str]) -> list[Refusal]:
    """A method that is declared otherwise: what is wanted, and what follows `Got:`."""
    found = _METHOD.match(wanted)
    if found is None:
        return []
    got = next((rest[n + 1] for n, line in enumerate(rest[:-1]) if line == "Got:"), "another")
    return [Refusal(member=found["member"], words=f"expected {wanted}, got {got}")]
