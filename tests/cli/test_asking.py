"""Beginning early, giving up and ending, with a checker that is a small program."""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from artifact_torch.cli.reports.findings import Claim
from artifact_torch.cli.static import asking as module
from artifact_torch.cli.static.asking import Asking
from artifact_torch.cli.static.checkers import CHECKERS
from artifact_torch.cli.static.witness import witness_of
from artifact_torch.cli.targets.question import Question, find_project

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


Asked = Callable[..., Question]


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    """The question about these targets."""

    def ask(*targets: str, cache: Path = tmp_path) -> Question:
        project = find_project(tmp_path)
        return Question(targets=targets, checkers=("mypy",), project=project, cache=cache)

    return ask


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Begun:
    """How often the checker was started."""
    (tmp_path / "mypy").mkdir()
    log, program = tmp_path / "log", tmp_path / "program.py"
    program.write_text(PROGRAM.format(log=str(log), slept=str(tmp_path / SLEPT)))
    fake = replace(CHECKERS["mypy"], find=lambda: [sys.executable, str(program)])
    monkeypatch.setattr(module, "CHECKERS", {"mypy": fake})
    return lambda: len(log.read_text().splitlines()) if log.exists() else 0


def test_the_right_guess_is_asked_about_once(asked: Asked, begun: Begun) -> None:
    witness = witness_of([claim("quick")])
    for times in (1, 2):
        with Asking(asked("m")) as asking:
            ((net, verdicts),) = asking.about(witness)
        assert (net.trouble, [*verdicts], begun()) == ("", [0], times)


def test_a_wrong_guess_is_given_up_at_once(asked: Asked, begun: Begun, tmp_path: Path) -> None:
    with Asking(asked("m")) as asking:
        asking.start(witness_of([claim("slow")]).source)
        wait_for(lambda: begun() > 0)
        ((net, verdicts),) = asking.about(witness_of([claim("quick"), claim("other")]))
    assert (net.trouble, [*verdicts], begun()) == ("", [0, 1], 2)
    assert not (tmp_path / SLEPT).exists()


def test_leaving_ends_what_runs(asked: Asked, begun: Begun, tmp_path: Path) -> None:
    with Asking(asked("m")) as asking:
        asking.start(witness_of([claim("slow")]).source)
        wait_for(lambda: begun() > 0)
        process = int((tmp_path / "log").read_text())
        assert runs(process)
    wait_for(lambda: not runs(process))
    assert not (tmp_path / SLEPT).exists()


def test_the_last_witness_is_kept_by_question(asked: Asked, begun: Begun, tmp_path: Path) -> None:
    for targets in (("model.py",), ("mod", "el.py")):
        with Asking(asked(*targets)) as asking:
            asking.about(witness_of([claim("_".join(targets).removesuffix(".py"))]))
    assert begun() == 2
    kept = [file.read_text() for file in (tmp_path / "witness").iterdir()]
    assert sorted(text.partition("\n")[0] for text in kept) == ["import mod_el", "import model"]


def test_a_cache_that_cannot_be_written_costs_time_only(
    asked: Asked, begun: Begun, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    for times in (1, 2):
        with Asking(asked("m", cache=tmp_path / "file")) as asking:
            ((net, _),) = asking.about(witness_of([claim("quick")]))
        assert (net.trouble, begun()) == ("", times)
