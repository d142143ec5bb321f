"""A folder in the home of nobody is a folder that is not there."""

import pytest

from artifact_torch import CheckpointError, ConfigurationError, FolderCheckpointer, Trainer
from artifact_torch.cli.main import main
from tests.faults.trainers import short
from tests.toys import Fit, Points

NOWHERE = "~no-such-user/run"


def make_trainer() -> Trainer[Points, Fit]:
    return short(None)


@pytest.mark.parametrize(
    "command",
    [
        ["checkpoint", "ls", NOWHERE],
        ["checkpoint", "show", NOWHERE],
        ["diff", NOWHERE, NOWHERE],
        ["replay", NOWHERE, "tests.cli.test_homes:make_trainer", "--step", "1"],
        ["report", NOWHERE],
        ["runs", NOWHERE],
    ],
)
def test_it_is_told_as_such(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 2
    assert NOWHERE in capsys.readouterr().err


def test_so_it_is_by_whatever_takes_a_folder() -> None:
    with pytest.raises(ConfigurationError, match="folder must be a path, got '~no-such-user"):
        FolderCheckpointer(NOWHERE)
    with pytest.raises(CheckpointError, match="~no-such-user/run is no folder"):
        make_trainer().restore(NOWHERE)
    with pytest.raises(CheckpointError, match="~no-such-user/run"):
        make_trainer().replay(1, folder=NOWHERE)
