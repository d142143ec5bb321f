"""Beginning early, giving up and ending, with a checker that is a small program."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from artifact_torch.cli.reports.findings import Claim
from artifact_torch.cli.static import checkers
from artifact_torch.cli.static.checkers import CHECKERS, Asking
from artifact_torch.cli.static.project import Setting, find_project
from artifact_torch.cli.static.witness import keep_source, kept_source, last_witness, witness_of

PROGRAM = """
import os, pathlib, sys, time
source = pathlib.Path(sys.argv[-1]).read_text()
with open({log!r}, "a") as log:
    log.write(f"{{os.getpid()}}\\n")
if "slow" in source:
    time.sleep(300)
    pathlib.Path({slept!r}).touch()
"""

SLEPT = "slept"
"""The file of a slow program that was left to end by itself."""

Begun = Callable[[], int]


def wait_for(is_so: Callable[[], bool]) -> None:
    """As long as it takes: what would make it so by itself leaves a trace, `SLEPT`."""
    while not is_so():
        time.sleep(0.01)


def runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def claim(module: str) -> Claim:
    return Claim(
        module=module,
        imports=(module,),
        expression=f"{module}.A",
        is_class=True,
        contract="c.C",
    )


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(project=find_project(tmp_path), timeout=120, cache=tmp_path)


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Begun:
    """How often the checker was started."""
    (tmp_path / "mypy").mkdir()
    log, program = tmp_path / "log", tmp_path / "program.py"
    program.write_text(PROGRAM.format(log=str(log), slept=str(tmp_path / SLEPT)))
    fake = replace(CHECKERS["mypy"], find=lambda: [sys.executable, str(program)])
    monkeypatch.setattr(checkers, "CHECKERS", {"mypy": fake})
    return lambda: len(log.read_text().splitlines()) if log.exists() else 0


def test_the_right_guess_is_asked_about_once(setting: Setting, begun: Begun) -> None:
    witness = witness_of([claim("quick")])
    with Asking(["mypy"], setting) as asking:
        asking.start(witness.source)
        ((net, verdicts),) = asking.about(witness)
    assert (net.trouble, [*verdicts], begun()) == ("", [0], 1)


def test_a_wrong_guess_is_given_up_at_once(setting: Setting, begun: Begun, tmp_path: Path) -> None:
    with Asking(["mypy"], setting) as asking:
        asking.start(witness_of([claim("slow")]).source)
        wait_for(lambda: begun() > 0)
        ((net, verdicts),) = asking.about(witness_of([claim("quick"), claim("other")]))
    assert (net.trouble, [*verdicts], begun()) == ("", [0, 1], 2)
    assert not (tmp_path / SLEPT).exists()


def test_leaving_ends_what_runs(setting: Setting, begun: Begun, tmp_path: Path) -> None:
    with Asking(["mypy"], setting) as asking:
        asking.start(witness_of([claim("slow")]).source)
        wait_for(lambda: begun() > 0)
        process = int((tmp_path / "log").read_text())
        assert runs(process)
    wait_for(lambda: not runs(process))
    assert not (tmp_path / SLEPT).exists()


def test_the_last_witness_is_kept_by_question(tmp_path: Path) -> None:
    one = last_witness(tmp_path / "cache", ["folder", "model.py"])
    other = last_witness(tmp_path / "cache", ["folder", "mod", "el.py"])
    assert (kept_source(one), kept_source(other)) == ("", "")
    keep_source(one, "import a\n")
    keep_source(one, "import b\n")
    assert (kept_source(one), kept_source(other)) == ("import b\n", "")
    assert [*one.parent.iterdir()] == [one]


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    last = tmp_path / "file" / "witness" / "x"
    keep_source(last, "import a\n")
    assert kept_source(last) == ""


def test_the_cache_stays_small(tmp_path: Path) -> None:
    assert len({last_witness(tmp_path, [str(number)]) for number in range(3000)}) == 256
