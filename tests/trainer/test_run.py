"""What a run remembers (D4: rows of the published cache are not epochs)."""

from collections.abc import Sequence

from torch import nn

from artifact_torch import TrainingResult
from artifact_torch.contracts import Failure, Moment, Result, ResultKind
from artifact_torch.run_folder.settings import Begun
from artifact_torch.trainer.held import HeldWeights
from artifact_torch.trainer.run import Run
from tests.toys import Still


def loss(value: float) -> Result:
    return Result(ResultKind.SCORE, "loss", value)


def record(run: Run, epoch: int, results: Sequence[Result | Failure]) -> None:
    run.record(Moment(epoch=epoch, step=epoch), results)


def outcome(run: Run) -> TrainingResult:
    held = HeldWeights(Still(nn.Flatten()))
    return run.result(held, n_steps=0, folder=None, outages={}, begun=Begun())


def example() -> Run:
    run = Run()
    record(run, 1, [])
    record(run, 2, [loss(0.5)])
    js_by_column = Result(ResultKind.SCORE_COLLECTION, "js_by_column", {"a": 1.0})
    record(run, 3, [Result(ResultKind.SCORE, "js", 0.1), js_by_column])
    return run


def test_every_epoch_has_a_row_and_every_gap_is_a_gap() -> None:
    scores = outcome(example()).epoch_scores
    assert list(scores.index) == [1, 2, 3]
    assert scores.index.name == "epoch"
    assert list(scores.columns) == ["loss", "js"]
    assert bool(scores["loss"].isna().loc[1])
    assert scores.loc[2, "loss"] == 0.5
    assert scores.loc[3, "js"] == 0.1


def test_no_scores_at_all_is_still_a_row_per_epoch() -> None:
    run = Run()
    record(run, 1, [])
    assert outcome(run).epoch_scores.shape == (1, 0)


def test_the_state_has_the_scores_of_its_epoch_alone() -> None:
    assert example().state.scores == {"js": 0.1}
    assert example().computed == {
        (ResultKind.SCORE, "js"),
        (ResultKind.SCORE_COLLECTION, "js_by_column"),
    }


def test_scores_are_those_that_did_not_fail() -> None:
    run = Run()
    failed = Failure(ResultKind.SCORE, "x", "ValueError: one")
    collection = Result(ResultKind.SCORE_COLLECTION, "z", {"a": 1.0})
    record(run, 1, [failed, loss(2.0), collection])
    assert run.state.scores == {"loss": 2.0}


def test_score_collections_keep_their_epochs() -> None:
    collections = outcome(example()).score_collections
    assert list(collections["js_by_column"].index) == [(3, 3)]
    assert collections["js_by_column"].loc[(3, 3), "a"] == 1.0


def test_the_end_of_the_run_adds_to_the_row_of_the_last_epoch() -> None:
    run = example()
    run.record(Moment(epoch=3, step=3, ends_run=True), [loss(0.4)])
    scores = outcome(run).epoch_scores
    assert list(scores.index) == [1, 2, 3]
    assert scores.loc[3, "loss"] == 0.4
    assert scores.loc[3, "js"] == 0.1


def test_failures_keep_their_newest_reason_and_both_kinds_of_one_name() -> None:
    run = Run()
    for epoch in (1, 2):
        record(run, epoch, [Failure(ResultKind.SCORE, "pdf", f"reason {epoch}")])
    record(run, 3, [Failure(ResultKind.PLOT, "pdf", "no axes"), loss(0.5)])
    assert outcome(run).failures == {"pdf": "epoch 2: reason 2; epoch 3: no axes"}


def test_of_other_kinds_the_newest_is_kept() -> None:
    run = Run()
    for epoch in (1, 2):
        record(run, epoch, [Result(ResultKind.ARRAY, "codes", epoch)])
    assert outcome(run).arrays == {"codes": 2}
    assert outcome(run).plots == {}


def test_it_continues_from_its_state() -> None:
    second = Run()
    first = example()
    second.load_state_dict(dict(first.state_dict()), first.log)
    before, after = outcome(example()), outcome(second)
    assert after.epoch_scores.equals(before.epoch_scores)
    assert after.score_collections["js_by_column"].equals(before.score_collections["js_by_column"])
    assert second.state == example().state
    assert second.computed == example().computed
