"""Where a run is kept, and what it is called."""

import random
import re
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from artifact_torch import ConfigurationError, RunFolder, RunFolderError, new_run


class Named:
    """A path of another library."""

    def __fspath__(self) -> str:
        return "runs/vae"


def test_a_path_is_absolute_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    folders = [RunFolder("runs/vae"), RunFolder(Path("runs/vae")), RunFolder(Named())]
    at_home = RunFolder("~/vae")
    monkeypatch.chdir("/")
    assert {each.folder for each in folders} == {tmp_path / "runs" / "vae"}
    assert at_home.folder == tmp_path / "home" / "vae"
    assert not (tmp_path / "runs").exists()  # nothing is made before training


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"plots": "jpg"}, 'plots must be "png" or "svg", got \'jpg\''),
        ({"dpi": 0}, "dpi must be at least 1, got 0"),
        ({"keep": 0}, "must be at least 1, got 0"),
        ({"strict": "yes"}, "strict must be True or False, got 'yes'"),
        ({"path": ""}, "path must be a path, got ''"),
        ({"path": 3}, "path must be a path, got 3"),
        ({"path": None}, "path must be a path, got None"),
        ({"path": b"runs"}, "path must be a path"),
        ({"path": "a\0b"}, "path must be a path"),
        ({"path": "~nobody-of-that-name/runs"}, "path must be a path"),
    ],
)
def test_what_cannot_be_meant(options: dict[str, object], words: str) -> None:
    given: dict[str, object] = {"path": "runs/vae", **options}
    make: Any = RunFolder  # Any: a checker would refuse what is given
    with pytest.raises(ConfigurationError, match=re.escape(words)):
        make(**given)


def test_all_problems_are_told_at_once_and_nothing_changes_later() -> None:
    with pytest.raises(ConfigurationError) as caught:
        RunFolder("", dpi=-1, keep=-1)
    assert str(caught.value).count("\n") == 2
    folder = RunFolder("runs/vae", keep=None)
    with pytest.raises(FrozenInstanceError):
        setattr(folder, "keep", 1)  # noqa: B010  a checker would refuse it


def test_names_of_runs_say_when_and_are_never_there_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [new_run(tmp_path / "runs") for _ in range(50)]
    assert len(set(names)) == 50
    assert all(name.is_dir() for name in names)
    form = re.compile(r"\d{4}-\d\d-\d\d_\d{4}_[a-z]+-[a-z]+")
    assert all(form.fullmatch(name.name) for name in names)
    monkeypatch.setattr("artifact_torch.run_folder.names._HOW", "brisk")
    monkeypatch.setattr("artifact_torch.run_folder.names._WHO", "heron")
    few = [new_run(tmp_path / "few") for _ in range(3)]  # where all words are taken
    assert len(set(few)) == 3
    assert min(each.name for each in few).endswith("brisk-heron")


def test_names_of_runs_draw_no_random_number(tmp_path: Path) -> None:
    random.seed(1)
    before = random.getstate(), str(np.random.get_state())  # noqa: NPY002
    new_run(tmp_path)
    assert (random.getstate(), str(np.random.get_state())) == before  # noqa: NPY002
    with pytest.raises(ConfigurationError, match="parent must be a path, got None"):
        make(None)


def test_a_place_where_no_run_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="give a parent that can be written to"):
        new_run(tmp_path / "file")


def make(parent: object) -> None:
    function: Any = new_run  # Any: as above
    function(parent)
