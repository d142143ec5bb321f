"""The stub packages in the wheel: complete, true to the libraries, and installed."""

import os
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STUBS = ROOT / "stubs"
LIBRARIES = ("artifact_core", "artifact_experiment")


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix == ".pyi" or path.name == "py.typed"
    }


def declared_modules() -> set[str]:
    paths = (path.relative_to(STUBS).with_suffix("") for path in STUBS.rglob("*.pyi"))
    return {".".join(path.parts).removesuffix(".__init__") for path in paths}


def test_what_is_declared_is_what_the_libraries_have() -> None:
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-m", "mypy.stubtest", "--concise", *LIBRARIES],
        env={**os.environ, "MYPYPATH": str(STUBS)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    said = (done.stdout + done.stderr).splitlines()
    undeclared = {line.split()[0] for line in said if line.endswith(" failed to find stubs")}
    assert undeclared, "stubtest did not get as far as comparing"
    assert not undeclared & declared_modules()
    assert [line for line in said if not line.endswith(" failed to find stubs")] == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_wheel_has_them_as_partial_stub_packages(library: str) -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    forced = config["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert forced[f"stubs/{library}"] == f"{library}-stubs"
    # An editable install is built from the same table, and its record lists what it put there.
    package = f"{library}-stubs"
    installed = {
        path.relative_to(package).as_posix(): path.read_binary()
        for path in distribution("artifact-torch").files or []
        if path.parts[0] == package
    }
    assert installed["py.typed"] == b"partial\n"
    assert installed == files(STUBS / library), "run `make venv`: it installs the newest stubs"
