"""Keywords for reading ahead and for workers, given to a part that has them elsewhere."""

from collections.abc import Callable

import pytest

from artifact_torch.data.parquet.loader import ParquetLoader
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.keywords import OF_STEPS, OF_TRAINERS
from tests.trainer.composed import untyped


def built(make: Callable[..., object], *args: object, **named: object) -> object:
    """Calls past the checkers, which refuse these keywords."""
    return make(*args, **named)


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("prefetch", "prefetched(ParquetLoader(...), n_batches)"),
        ("num_workers", "needed nowhere"),
        ("columns", "to_batch="),
    ],
)
def test_a_loader_of_parquet_names_ours(word: str, remedy: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        untyped(ParquetLoader, "rows.parquet", len, batch_size=2, **{word: 2})
    assert f"ParquetLoader: {word}= is {remedy}" in str(caught.value)


def test_trainer_and_step_say_where_theirs_are() -> None:
    assert OF_TRAINERS["prefetch"] == "train_loader=prefetched(loader, n_batches=...)"
    assert "n_workers=..." in OF_TRAINERS["num_workers"]
    assert "fused=True" in OF_STEPS["fused"]
