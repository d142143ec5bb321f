"""Runs of several processes, one of which dies where it was drawn, again and again."""

import random
from pathlib import Path

import pytest

from tests.faults.conftest import of_all
from tests.ranks.deaths import assert_same_run, drawn, lived
from tests.ranks.elastic_program import live


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In one process."""
    folder = tmp_path_factory.mktemp("one")
    live(folder, "ddp")
    return folder


@of_all
@pytest.mark.parametrize("n", range(5))
def test_whichever_dies_where_it_was_drawn_the_run_is_the_same(
    uninterrupted: Path, tmp_path: Path, n: int
) -> None:
    trial = drawn(random.Random(random.getrandbits(32) + n), 3)
    try:
        lived(tmp_path, trial)
        assert_same_run(tmp_path, uninterrupted)
    except AssertionError as error:
        raise AssertionError(f"{trial}") from error
