"""Imports point down only, and importing the package is cheap."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "artifact_torch"
FLOOR_0 = {"contracts", "errors", "narrowing"}
FLOOR_2 = {"trainer", "composition", "__init__"}
FLOOR_3 = {"table_comparison", "checking.command"}


def part_of(module: str) -> str:
    """`trainer` for `trainer`, `checking` for `checking.values`; of two floors is checking alone."""
    first, _, rest = module.partition(".")
    is_command = first == "checking" and rest.partition(".")[0] == "command"
    return "checking.command" if is_command else first or "__init__"


def floor(part: str) -> int:
    for number, parts in ((0, FLOOR_0), (2, FLOOR_2), (3, FLOOR_3)):
        if part in parts:
            return number
    return 1


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def problem(part: str, module: str) -> str:
    """Why a file of `part` may not import the module; empty if it may."""
    package, _, rest = module.partition(".")
    target = part_of(rest)
    if package == "artifact_torch" and floor(target) > floor(part):
        return f"{part} imports {module}"
    if package == "artifact_torch" and target != part and floor(target) == 3:
        return f"{part} imports the domain {module}"
    allowed = {
        "artifact_experiment": {"recording", "table_comparison"},
        "artifact_core": {"table_comparison"},
    }
    return "" if part in allowed.get(package, {part}) else f"{part} imports {module}"


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    part = part_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert [text for module in imports(path) if (text := problem(part, module))] == []


@pytest.mark.parametrize(
    ("file", "module", "expected"),
    [
        ("checking.values", "artifact_torch.checking.command.main", "checking imports"),
        ("trainer", "artifact_torch.checking.command", "trainer imports"),
        ("table_comparison.routine", "artifact_torch.checking.command.main", "the domain"),
        ("checking.command.main", "artifact_torch.table_comparison", "the domain"),
        ("contracts.model", "artifact_torch.checking", "contracts imports"),
        ("steps", "artifact_torch.trainer", "steps imports"),
        ("trainer", "artifact_core.spi", "trainer imports"),
        ("checking.command.main", "artifact_torch.checking.values", ""),
        ("checking.command.main", "artifact_torch.checking.command.check", ""),
        ("recording.recorder", "artifact_experiment.tracking", ""),
    ],
)
def test_an_import_that_points_up_is_seen(file: str, module: str, expected: str) -> None:
    found = problem(part_of(file), module)
    assert expected in found
    assert bool(found) is bool(expected)


def loaded_by(program: str) -> set[str]:
    done = subprocess.run(  # noqa: S603  (our own program)
        [
            sys.executable,
            "-c",
            f"import sys, json, torch; {program}; print(json.dumps([*sys.modules]))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    names: list[str] = json.loads(done.stdout)
    return {name.partition(".")[0] for name in names}


def beyond_torch(program: str) -> set[str]:
    return loaded_by(program) - loaded_by("pass") - set(sys.stdlib_module_names)


def test_importing_the_package_loads_torch_and_the_standard_library_alone() -> None:
    assert beyond_torch("import artifact_torch") == {"artifact_torch"}


def test_the_test_above_can_fail() -> None:
    assert "pandas" in beyond_torch("import artifact_torch, pandas")
