"""Only what an interpreter that has just been started can make again is sent to one."""

import subprocess
import sys
import types
from pathlib import Path
from typing import final

import pytest

from artifact_torch import CsvClient
from artifact_torch.tracking.delivery.sending import pickled
from tests.tracking.delivery.doubles import BrokenAtImport, FileClient
from tests.tracking.delivery.memory import Backend, MemoryClient


@final
class Unwilling:
    """Whatever pickling it raises: it stays here."""

    def __call__(self, what: str) -> None: ...

    def __reduce__(self) -> str:
        raise SystemExit(3)


def test_a_client_of_a_module_is_sent(tmp_path: Path) -> None:
    for client in (FileClient(tmp_path), BrokenAtImport(tmp_path), CsvClient(tmp_path / "x.csv")):
        assert pickled(client) is not None


def test_a_client_that_does_not_pickle_stays() -> None:
    assert pickled(MemoryClient(Backend(), lambda _: None)) is None
    assert pickled(MemoryClient(Backend(), Unwilling())) is None
    assert pickled(MemoryClient(Backend(), print)) is not None


def test_a_client_of_a_module_that_is_nowhere_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("made_of_nothing")
    monkeypatch.setitem(sys.modules, "made_of_nothing", module)
    for place in ("made_of_nothing", "tests.made_of_nothing", "__main__"):
        monkeypatch.setattr(FileClient, "__module__", place)
        monkeypatch.setitem(sys.modules, place, module)
        monkeypatch.setattr(module, "FileClient", FileClient, raising=False)
        assert pickled(FileClient(tmp_path)) is None


def test_a_client_of_the_program_itself_stays(tmp_path: Path) -> None:
    program = tmp_path / "train.py"
    program.write_text(
        "from artifact_torch.tracking.delivery.sending import pickled\n"
        "class Client: ...\n"
        "print(pickled(Client()))\n",
        encoding="utf-8",
    )
    done = subprocess.run(  # noqa: S603 our own program
        [sys.executable, str(program)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "None\n"
