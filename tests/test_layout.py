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
FLOOR_3 = {"table_comparison", "command"}


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


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    part = path.relative_to(ROOT).parts[0].removesuffix(".py")
    for module in imports(path):
        package, _, rest = module.partition(".")
        if package == "artifact_torch":
            target = rest.split(".")[0] or "__init__"
            assert floor(target) <= floor(part), f"{part} imports {module}"
            assert target == part or floor(target) < 3, f"{part} imports the domain {module}"
        if package == "artifact_experiment":
            assert part in {"recording", "table_comparison"}, f"{part} imports {module}"
        if package == "artifact_core":
            assert part == "table_comparison", f"{part} imports {module}"


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
