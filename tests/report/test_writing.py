"""What `report` is given: runs by path or as they were read, and where the page goes."""

from dataclasses import replace
from pathlib import Path

import pytest

from artifact_torch.errors import ConfigurationError
from artifact_torch.report import report
from tests.report.made import Page, run


def test_folders_of_one_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    places = ["lr_1/x/vae", "lr_2/x/vae", "lr_2/gan"]
    runs = [replace(run(Path(place).name), folder=tmp_path / place) for place in places]
    page = Page(report(runs, tmp_path / "out.html").read_text(encoding="utf-8"))
    assert [each.words for each in page.all("th")][8:11] == ["lr_1/x/vae", "lr_2/x/vae", "gan"]


def test_runs_of_one_name_without_folders_get_numbers(tmp_path: Path) -> None:
    page = Page(report([run("a"), run("b"), run("a")], tmp_path / "out.html").read_text())
    assert [each.words for each in page.all("th")][8:11] == ["a (1)", "b", "a (3)"]


def test_a_folder_that_is_given_twice_is_one_run(tmp_path: Path) -> None:
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "status.json").write_text("{}")
    (tmp_path / "link").symlink_to(tmp_path / "vae")
    given: list[Path | str] = [tmp_path / "vae", f"{tmp_path}/vae/", tmp_path / "link"]
    page = Page(report(given, tmp_path / "out.html").read_text())
    assert page.all("h1")[0].words == "vae"


def test_what_cannot_be_meant(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="runs must be a list, got 'runs/vae'"):
        report("runs/vae", tmp_path / "out.html")
    with pytest.raises(ConfigurationError, match="runs must have at least one, got none"):
        report([], tmp_path / "out.html")
    with pytest.raises(ConfigurationError, match=f"{tmp_path} is a folder; add the name of one"):
        report([run()], tmp_path)
    for path in ("", "~of-nobody-here/out.html"):
        with pytest.raises(ConfigurationError, match="path must be that of a file, got '"):
            report([run()], path)
    assert [*tmp_path.iterdir()] == []
