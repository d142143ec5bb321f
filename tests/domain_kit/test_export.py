from pathlib import Path

import pandas as pd
import pytest

from artifact_torch.contracts import Moment
from artifact_torch.domain_kit.export import export_table

TABLE = pd.DataFrame({"x": [1.5, 2.5], "c": ["a", "b, c"]}, index=[7, 8])
NAME = "epoch_000003_step_00000150.csv"


def test_a_table_is_a_file_without_its_index(tmp_path: Path) -> None:
    export_table(TABLE, tmp_path / "files" / "tables", Moment(epoch=3, step=150))
    (file,) = (tmp_path / "files" / "tables").iterdir()
    assert file.name == NAME
    assert pd.read_csv(file).equals(TABLE.reset_index(drop=True))


def test_what_cannot_be_written_is_told_and_ends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    export_table(TABLE, tmp_path / "taken", Moment(epoch=3, step=150))
    (said,) = caplog.messages
    assert said.startswith(f"{tmp_path / 'taken' / NAME}: the table was not exported (")
