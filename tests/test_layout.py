"""Imports point down only, and importing the package is cheap."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "artifact_torch"
FLOOR_0 = {"contracts", "errors", "internal"}
FLOOR_2 = {"trainer", "__init__"}
FLOOR_3 = {"domain_kit"}
DOMAINS = {
    "binary_classification",
    "multiclass_classification",
    "regression",
    "table_comparison",
}
FLOOR_4 = {*DOMAINS, "cli", "testing"}
KIT = ("cli", "testing")
"""The pytest plugin, which is part of the command, brings the fault kit."""


def part_of(module: str) -> str:
    """`trainer` for `trainer.run`: the folder, or the file at the root of the package."""
    return module.partition(".")[0] or "__init__"


def floor(part: str) -> int:
    for number, parts in ((0, FLOOR_0), (2, FLOOR_2), (3, FLOOR_3), (4, FLOOR_4)):
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
    is_of_domain = target != part and floor(target) == 4 and (part, target) != KIT
    if package == "artifact_torch" and is_of_domain:
        return f"{part} imports the domain {module}"
    allowed = {
        "artifact_experiment": {"tracking", "table_comparison"},
        "artifact_core": {"domain_kit", *DOMAINS},
    }
    return "" if part in allowed.get(package, {part}) else f"{part} imports {module}"


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    part = part_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert [text for module in imports(path) if (text := problem(part, module))] == []


@pytest.mark.parametrize(
    ("file", "module", "expected"),
    [
        ("checking.values", "artifact_torch.cli.main", "checking imports"),
        ("trainer", "artifact_torch.cli", "trainer imports"),
        ("trainer", "artifact_torch.domain_kit", "trainer imports"),
        ("domain_kit.plan", "artifact_torch.table_comparison.known", "domain_kit imports"),
        ("table_comparison.plan", "artifact_torch.domain_kit.plan", ""),
        ("regression.routine", "artifact_torch.table_comparison", "the domain"),
        ("table_comparison.routine", "artifact_torch.cli.main", "the domain"),
        ("cli.main", "artifact_torch.table_comparison", "the domain"),
        ("contracts.model", "artifact_torch.checking", "contracts imports"),
        ("stepping", "artifact_torch.trainer.trainer", "stepping imports"),
        ("trainer", "artifact_core.spi", "trainer imports"),
        ("cli.main", "artifact_torch.checking.values.values", ""),
        ("cli.main", "artifact_torch.cli.check", ""),
        ("cli.pytest_plugin", "artifact_torch.testing.faults", ""),
        ("testing.faults", "artifact_torch.cli.main", "the domain"),
        ("tracking.recorder", "artifact_experiment.tracking", ""),
        ("tables.codec", "artifact_torch.errors", ""),
        ("tables.codec", "artifact_torch.table_comparison", "tables imports"),
        ("tables.codec", "artifact_core.spi", "tables imports"),
    ],
)
def test_an_import_that_points_up_is_seen(file: str, module: str, expected: str) -> None:
    found = problem(part_of(file), module)
    assert expected in found
    assert bool(found) is bool(expected)


def loaded_by(program: str) -> set[str]:
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", f"import sys, json; {program}; print(json.dumps([*sys.modules]))"],
        capture_output=True,
        text=True,
        check=True,
    )
    names: list[str] = json.loads(done.stdout)
    return {name.partition(".")[0] for name in names}


def beyond_python(program: str) -> set[str]:
    return loaded_by(program) - loaded_by("pass") - set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    "module",
    [
        "artifact_torch",
        "artifact_torch.checking",
        "artifact_torch.cli.main",
        "artifact_torch.testing",
    ],
)
def test_importing_loads_nothing_heavy(module: str) -> None:
    heavy = {"torch", "numpy", "pandas", "beartype", "matplotlib", "artifact_core"}
    assert beyond_python(f"import {module}") & heavy == set()


def test_importing_the_package_does_not_even_load_typing() -> None:
    assert "typing" not in loaded_by("import artifact_torch") - loaded_by("pass")


def test_naming_the_trainer_loads_torch_and_no_pandas() -> None:
    loaded = beyond_python("from artifact_torch import Trainer")
    assert "torch" in loaded
    assert loaded.isdisjoint({"pandas", "matplotlib", "beartype", "artifact_core"})
