"""`artifact-torch report`."""

import subprocess
import sys
from pathlib import Path

import pytest

from artifact_torch.cli.main import main
from tests.report.made import Page
from tests.report.test_keeping import trainer_in


def asked(*arguments: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    status = main(["report", *map(str, arguments)])
    out, err = capsys.readouterr()
    return status, out, err


def test_one_run_goes_into_its_folder_several_beside_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    trainer_in(one).train()
    trainer_in(other, n_epochs=2).train()
    (one / "report.html").unlink()
    assert asked(one, capsys=capsys) == (0, f"{one}/report.html\n", "")
    assert "one" in Page((one / "report.html").read_text()).all("h1")[0].words
    monkeypatch.chdir(tmp_path)
    assert asked("one", "other", capsys=capsys) == (0, f"{tmp_path}/comparison.html\n", "")
    assert Page(Path("comparison.html").read_text()).all("h1")[0].words == "2 runs"
    assert asked("one", "--out", "there.html", capsys=capsys)[0] == 0
    assert Path("there.html").read_bytes() == (one / "report.html").read_bytes()


def test_what_is_no_run_and_where_it_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer_in(tmp_path / "one").train()
    status, out, err = asked(tmp_path, capsys=capsys)
    assert (status, out) == (2, "")
    assert "is no run folder, but holds some; give one of one" in err
    (tmp_path / "file").touch()
    status, out, err = asked(tmp_path / "one", "--out", tmp_path / "file" / "x", capsys=capsys)
    assert (status, out) == (2, "")
    assert str(tmp_path / "file") in err
    status, out, err = asked(tmp_path / "one", "--out", tmp_path, capsys=capsys)
    assert (status, out) == (2, "")
    assert f"{tmp_path} is a folder; add the name of one" in err


def test_it_does_not_load_torch(tmp_path: Path) -> None:
    trainer_in(tmp_path / "one").train()
    program = (
        "import sys; from artifact_torch.cli.main import main; "
        f"main(['report', {str(tmp_path / 'one')!r}]); print('torch' in sys.modules)"
    )
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "False"
