"""Which curves are in one picture, and the throughput."""

from dataclasses import replace

import numpy as np
import pytest

from artifact_torch.report.panels import THROUGHPUT, panels_of, quantity_of, throughput
from artifact_torch.run_folder.recorded_scores import Curve
from tests.report.made import curve, run


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("train_loss", ("loss", "training")),
        ("val_loss", ("loss", "validation")),
        ("Validation/loss", ("loss", "validation")),
        ("loss.test", ("loss", "test")),
        ("valuation", ("valuation", "")),
        ("training", ("training", "")),
        ("retrain_loss", ("retrain_loss", "")),
        ("loss", ("loss", "")),
    ],
)
def test_a_quantity_by_its_name(score: str, expected: tuple[str, str]) -> None:
    assert quantity_of(score) == expected


def test_training_and_validation_of_one_quantity_are_one_picture_and_that_which_decides_is_first() -> (
    None
):
    scores = {"rate": [1.0], "train_acc": [1.0], "train_loss": [1.0], "val_acc": [1.0]}
    many = run(scores={**scores, "val_loss": [1.0]})
    panels = [(each.quantity, [line.score for line in each.lines]) for each in panels_of([many])]
    assert panels == [
        ("loss", ["train_loss", "val_loss"]),
        ("acc", ["train_acc", "val_acc"]),
        ("rate", ["rate"]),
        (THROUGHPUT, [THROUGHPUT]),
    ]


def test_a_collection_of_few_keys_is_a_picture_of_several_runs_one_a_key() -> None:
    few = {"f1": {"cat": curve([1.0]), "dog": curve([2.0])}}
    many = {"f1": {str(n): curve([1.0]) for n in range(9)}}
    one, none = (replace(run(), collections=each) for each in (few, many))
    assert "f1" in [each.quantity for each in panels_of([one])]
    assert "f1" not in [each.quantity for each in panels_of([none])]
    both = panels_of([one, replace(one, name="b")])
    found = {each.quantity: [line.run for line in each.lines] for each in both}
    assert found["f1: cat"] == found["f1: dog"] == [0, 1]


def test_throughput_is_updates_by_the_seconds_between_two_moments() -> None:
    loss = Curve(
        epochs=np.array([1, 2, 3]),
        steps=np.array([10, 20, 40]),
        seconds=np.array([2.0, 2.0, 7.0]),
        values=np.array([1.0, 1.0, 1.0]),
    )
    found = throughput(replace(run(), scores={"loss": loss}))
    assert found is not None
    assert found.steps.tolist() == [10, 40]  # in no time at all there is none
    assert found.values.tolist() == [5.0, 4.0]
    assert throughput(replace(run(), scores={})) is None
    unknown = replace(loss, seconds=np.full(3, np.nan))
    assert throughput(replace(run(), scores={"loss": unknown})) is None
