"""Tables that a routine made, kept as files."""

import logging
from pathlib import Path

import pandas as pd

from artifact_torch.contracts import Moment
from artifact_torch.internal.disk import write_whole

_logger = logging.getLogger(__name__)


def export_table(table: pd.DataFrame, folder: Path, moment: Moment) -> None:
    """`epoch_000003_step_00000150.csv` in `folder`, without the index, whole or not at all.

    What cannot be written is a warning: it is no reason to end a run.
    """
    path = folder / f"epoch_{moment.epoch:06d}_step_{moment.step:08d}.csv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda there: table.to_csv(there, index=False))
    except OSError as error:
        _logger.warning("%s: the table was not exported (%s)", path, error)
