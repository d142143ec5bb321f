"""The history (D4: rows of the published cache are not epochs)."""

from typing_extensions import TypeIs

from artifact_torch.contracts import Failure, Result, ResultKind
from artifact_torch.trainer.history import History


def loss(value: float) -> Result:
    return Result(ResultKind.SCORE, "loss", value)


def example() -> History:
    history = History()
    history.record(1, [])
    history.record(2, [loss(0.5)])
    history.record(
        3,
        [
            Result(ResultKind.SCORE, "js", 0.1),
            Result(ResultKind.SCORE_COLLECTION, "js_by_column", {"a": 1.0}),
        ],
    )
    return history


def test_every_epoch_has_a_row_and_every_gap_is_a_gap() -> None:
    scores = example().epoch_scores()
    assert list(scores.index) == [1, 2, 3]
    assert scores.index.name == "epoch"
    assert list(scores.columns) == ["loss", "js"]
    assert bool(scores["loss"].isna().loc[1])
    assert scores.loc[2, "loss"] == 0.5
    assert scores.loc[3, "js"] == 0.1


def test_no_scores_at_all_is_still_a_row_per_epoch() -> None:
    history = History()
    history.record(1, [])
    assert history.epoch_scores().shape == (1, 0)


def test_score_collections_keep_their_epochs() -> None:
    collections = example().score_collections()
    assert list(collections["js_by_column"].index) == [3]
    assert collections["js_by_column"].loc[3, "a"] == 1.0


def test_the_end_of_the_run_adds_to_the_row_of_the_last_epoch() -> None:
    history = example()
    history.record(3, [loss(0.4)])
    assert list(history.epoch_scores().index) == [1, 2, 3]
    assert history.epoch_scores().loc[3, "loss"] == 0.4
    assert history.epoch_scores().loc[3, "js"] == 0.1


def test_failures_keep_their_newest_reason_and_both_kinds_of_one_name() -> None:
    history = History()
    for epoch in (1, 2):
        history.record(epoch, [Failure(ResultKind.SCORE, "pdf", f"reason {epoch}")])
    history.record(3, [Failure(ResultKind.PLOT, "pdf", "no axes"), loss(0.5)])
    assert history.failures() == {"pdf": "epoch 2: reason 2; epoch 3: no axes"}


def test_of_other_kinds_the_newest_is_kept() -> None:
    history = History()
    for epoch in (1, 2):
        history.record(epoch, [Result(ResultKind.ARRAY, "codes", epoch)])

    def is_int(value: object) -> TypeIs[int]:
        return isinstance(value, int)

    assert history.newest(ResultKind.ARRAY, is_int) == {"codes": 2}
    assert history.newest(ResultKind.PLOT, is_int) == {}


def test_it_continues_from_its_state() -> None:
    second = History()
    second.load_state_dict(dict(example().state_dict()))
    assert second.epoch_scores().equals(example().epoch_scores())
    assert second.score_collections()["js_by_column"].equals(
        example().score_collections()["js_by_column"]
    )
