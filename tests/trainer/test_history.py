"""The history (D4: rows of the published cache are not epochs)."""

import pytest

from artifact_torch.contracts import ArtifactResults
from artifact_torch.errors import ValidationError
from artifact_torch.trainer.history import History


def example() -> History:
    history = History()
    history.record(1, ArtifactResults())
    history.record(2, ArtifactResults(scores={"loss": 0.5}))
    history.record(
        3, ArtifactResults(scores={"js": 0.1}, score_collections={"js_by_column": {"a": 1.0}})
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
    history.record(1, ArtifactResults())
    assert history.epoch_scores().shape == (1, 0)


def test_score_collections_keep_their_epochs() -> None:
    collections = example().score_collections()
    assert list(collections["js_by_column"].index) == [3]
    assert collections["js_by_column"].loc[3, "a"] == 1.0


def test_the_final_round_adds_to_the_row_but_never_replaces() -> None:
    history = example()
    history.record(3, ArtifactResults(scores={"loss": 0.4}))
    assert history.epoch_scores().loc[3, "loss"] == 0.4
    with pytest.raises(ValidationError) as caught:
        history.record(
            3, ArtifactResults(scores={"loss": 0.3}, score_collections={"js_by_column": {"a": 2.0}})
        )
    assert str(caught.value) == (
        "epoch 3: the final round produced ['loss', 'js_by_column'] again, expected only what the "
        "epoch's own round left out; let is_due(3, final=True) of their routine be False for what "
        "its own round produced"
    )
    assert history.epoch_scores().loc[3, "loss"] == 0.4


def test_it_continues_from_its_state() -> None:
    second = History()
    second.load_state_dict(dict(example().state_dict()))
    assert second.epoch_scores().equals(example().epoch_scores())
    assert second.score_collections()["js_by_column"].equals(
        example().score_collections()["js_by_column"]
    )
