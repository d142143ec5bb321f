"""The command measures, keeps and tells; the contenders have processes of their own."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from demo.benchmark.__main__ import main
from demo.benchmark.one import Question, answered, enough_draws, read
from demo.benchmark.results import Results


@pytest.fixture
def table(tmp_path: Path) -> Path:
    size = np.random.default_rng(0).normal(size=200)
    path = tmp_path / "mine.csv"
    pd.DataFrame({"size": size, "kind": np.where(size > 0, "b", "a")}).to_csv(path, index=False)
    return path


def test_the_ceiling_copies_and_the_floor_predicts_nothing(table: Path) -> None:
    figures = {
        method: answered(Question(table="mine", method=method, seed=0, file=str(table), n_draws=9))
        for method in ("ceiling", "floor")
    }
    assert figures["ceiling"]["copies"] == 1.0
    assert figures["ceiling"]["membership"] > 0.75
    # all rows of the ceiling are of training: 1 - 1/e of the members have a copy
    assert figures["ceiling"]["trtr"] > 0.95
    assert figures["floor"]["copies"] < 0.8
    assert abs(figures["floor"]["tstr"] - 0.5) < 0.3
    assert figures["floor"]["trtr"] == figures["ceiling"]["trtr"]


def test_a_model_of_ours_is_measured_without_its_comparisons(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compared(*_: object) -> None:
        raise AssertionError("the comparisons of a run are not part of the measurement")

    monkeypatch.setattr("artifact_torch.table_comparison.TableComparisonRoutine.validate", compared)
    asked = Question(table="mine", method="autoregressive", seed=0, file=str(table), n_rows=60)
    figures = answered(replace(asked, n_draws=9))
    assert figures["fit_s"] > 0
    assert figures["tstr"] > 0.5  # it has learnt which sizes are of which kind


def test_the_figures_are_means_of_the_draws(table: Path) -> None:
    asked = Question(table="mine", method="ceiling", seed=3, file=str(table), n_draws=1)
    one, three = answered(asked), answered(replace(asked, n_draws=3))
    assert "c2st_error" not in one  # nothing is known of how it varies
    for name in ("c2st", "tstr"):  # the first of three is at most two errors off
        assert 0 < abs(one[name] - three[name]) <= 2 * three[f"{name}_error"] + 1e-4, name
    assert three["trtr"] == one["trtr"]


@pytest.mark.parametrize(
    ("n_rows", "n_draws"), [(0, 100), (1, 100), (300, 100), (309, 98), (3_500, 9), (9_000, 5)]
)
def test_small_tables_are_drawn_more_often(n_rows: int, n_draws: int) -> None:
    assert enough_draws(n_rows) == n_draws


def test_a_question_survives_a_command_line() -> None:
    one = Question(table="a b", method="TVAE", seed=2, file="/x y.csv", target='"', n_rows=3)
    assert read(one.words) == one
    assert read(json.dumps({"table": "a", "method": "b", "seed": 1})) == Question(
        table="a", method="b", seed=1
    )


def test_what_was_measured_is_kept(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results.json"
    asked = ["--data", str(table), "--target", "kind", "--seeds", "1", "--out", str(out)]
    asked += ["--draws", "2"]
    assert main([*asked, "--methods", "floor"]) == 0
    assert "mine, floor, seed 0: js 0." in capsys.readouterr().out
    kept = Results.read(out)
    assert [(each.table, each.method, each.seed) for each in kept.answers] == [("mine", "floor", 0)]
    assert kept.tables["mine"].rows == 200
    assert kept.answers[0].figures["memory_mb"] > 10
    assert main([*asked, "--methods", "floor", "--limit", "0.01"]) == 1
    assert Results.read(out).answers[0].note == "failed: more than 0.01 seconds"


def test_a_table_that_cannot_be_used_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path / "none.csv"), "--methods", "floor"]) == 2
    assert "which is no file" in capsys.readouterr().err
