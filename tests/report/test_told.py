"""What a page says of a run: first, and of several beside each other."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from artifact_torch.errors import ConfigurationError
from artifact_torch.report import report
from artifact_torch.report.notebook import fragment
from artifact_torch.report.page import html
from artifact_torch.run_folder.recorded_run import read_run
from tests.report.made import Page, run
from tests.report.test_keeping import trainer_in


def test_the_first_screen_says_what_it_was() -> None:
    read = Page(html([run()]))
    header = read.all("header")[0].words
    assert header == (
        "vae ✓ finished reached 3 epochs Epochs 3 Steps 30 Took 10 s: 60 % training, "
        "30 % validation, 10 % rest"
    )
    told = [each.words for each in read.all("section")[:3]]
    good, trust, then = told
    assert good == (
        "Was it good? val_loss 2 at epoch 2 first 4 (epoch 1), last 2.5 (epoch 3) "
        "50.0% lower than at first the last is 25.0% higher than the best"
    )
    assert trust == (
        "Can I trust it? Nothing speaks against it it ended as it was meant to, without a failure, "
        "a warning or a NaN"
    )
    assert then == "What next? Use the best weights"


def test_a_run_that_failed_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "vae" / "failures" / "step_00000137").mkdir(parents=True)
    failed = replace(run(), status="failed", reason="interrupted by ValueError: no rows")
    told = Page(html([replace(failed, folder=tmp_path / "vae")])).all("main")[0].words
    assert "Not all of it the run failed" in told
    assert f"artifact-torch replay {tmp_path}/vae module:make_trainer --step 137" in told
    assert "interrupted by ValueError: no rows" in told


def test_a_record_that_was_cut_is_told(tmp_path: Path) -> None:
    trainer_in(tmp_path / "run").train()
    whole = Page(html([read_run(tmp_path / "run")])).all("main")[0].words
    assert "its record ends" not in whole
    record = tmp_path / "run" / "record.jsonl"
    lines = record.read_bytes().splitlines(keepends=True)
    record.write_bytes(b"".join(lines[: len(lines) // 2]))
    told = Page(html([read_run(tmp_path / "run")])).all("main")[0].words
    assert "its record ends before the run did" in told


def test_a_run_without_scores_is_not_sent_to_its_curves() -> None:
    told = Page(html([replace(run(scores={}), best=None)])).all("main")[0].words
    assert "What next? Have it scored" in told


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ("runs/vae", "report: runs must be a list, got 'runs/vae'; write [...] around it"),
        ([], "report: runs must have at least one, got none"),
    ],
)
def test_runs_that_are_no_list_or_none(runs: Sequence[str], said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        report(runs, tmp_path / "page.html")
    assert [*tmp_path.iterdir()] == []


def test_overfitting_is_told() -> None:
    scores = {"train_loss": [5.0, 4, 3, 2, 1], "val_loss": [5.0, 2.0, 3.0, 4.0, 5.0]}
    trained = replace(run(scores=scores), best=None)
    told = Page(html([trained])).all("section")[1].words
    assert "it overfits: since epoch 2 val_loss was not better again" in told
    scores["train_loss"] = [5.0, 4, 5, 5, 5]
    assert "overfits" not in html([replace(run(scores=scores), best=None)])


def test_a_run_whose_deciding_score_was_never_finite_is_told_all_the_same() -> None:
    scores = {
        "train_loss": [3.0, 2.0, 1.0],
        "val_loss": [float("nan"), float("inf"), -float("inf")],
    }
    judged = replace(run(scores=scores), best=None)
    good, trust, _ = Page(html([judged])).all("section")[:3]
    assert good.words == "Was it good? val_loss, which decides, was never a finite number"
    assert "val_loss: 3 values are NaN or infinite" in trust.words
    assert "val_loss" in fragment(judged)


def test_best_scores_are_by_their_direction_and_nothing_is_said_of_others() -> None:
    scores = {"val_loss": [4.0, 2.0, 2.5], "accuracy": [0.1, 0.9, 0.3], "norm": [1.0, 2.0, 3.0]}
    judged = replace(run(scores=scores), modes={"val_loss": "min", "accuracy": "max"})
    rows = [each.words for each in Page(html([judged])).all("tr") if "tbody" in each.inside]
    assert (
        "val_loss decides which epoch is the best 2 lower is better epoch 2, step 20 2.5 4"
        in rows[0]
    )
    assert "0.9 higher is better epoch 2, step 20" in rows[1]
    assert "not said which way - 3 1" in rows[2]


def test_two_runs_tell_their_differences_and_which_is_better() -> None:
    one = run("one")
    other = replace(
        run(
            "other",
            {"train_loss": [3.0, 2.0, 0.5], "val_loss": [4.0, 2.0, 1.5]},
            settings={"lr": 0.2},
        ),
        versions={"torch": "2"},
    )
    read = Page(html([one, other]))
    assert "lr 0.1 0.2" in read.text_of("differences")
    assert "version: torch - 2" in read.text_of("differences")
    assert "train_loss not said 1 0.5" in read.text_of("scores")
    expected = "val_loss lower 2.5 best 2 at epoch 2 1.5 better best 1.5 at epoch 3"
    assert expected in read.text_of("scores")
    same = Page(html([one, replace(one, name="same")]))
    assert "None: settings, seeds, parts, versions" in same.text_of("differences")
    assert not [each for each in same.all("td") if each.attributes.get("class") == "better"]


def test_runs_that_disagree_about_the_better_way_mark_nothing() -> None:
    other = replace(run("other", {"val_loss": [9.0]}), modes={"val_loss": "max"})
    read = Page(html([run("one"), other]))
    assert not [each for each in read.all("td") if each.attributes.get("class") == "better"]


def test_settings_that_differ_in_the_middle_of_a_long_text_differ() -> None:
    one, other = (
        run(name, settings={"sizes": [*range(99), n, *range(99)]})
        for name, n in (("a", 1), ("b", 2))
    )
    assert "sizes" in Page(html([one, other])).text_of("differences")


def test_a_step_can_be_made_again_where_its_whole_batch_was_kept(tmp_path: Path) -> None:
    failed = replace(run(), folder=tmp_path, status="failed")
    for name in ("step_00000009", "step_00000012", "step_00000030_rank_1"):
        (tmp_path / "failures" / name).mkdir(parents=True)
    commands = [each.words for each in Page(html([failed])).all("code")]
    assert f"artifact-torch replay {tmp_path} module:make_trainer --step 12" in commands
