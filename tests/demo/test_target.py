"""What is predicted from generated rows, and how it is scored."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from artifact_torch.tables import Kind
from demo.data.reading import Reading
from demo.data.tables import compared, table_of_file
from demo.target import held_back, taught


@pytest.mark.parametrize(
    ("kinds", "measure"), [({}, "AUC of class"), ({"class": "numeric"}, "R² of class")]
)
def test_a_target_of_few_whole_numbers_is_a_class_unless_it_is_said_to_be_a_number(
    tmp_path: Path, kinds: Mapping[str, Kind], measure: str
) -> None:
    path = tmp_path / "own.csv"
    rows = "".join(f"{at % 3 + 1},{at % 3 + at % 7 / 10}\n" for at in range(90))
    path.write_text("class,size\n" + rows, encoding="utf-8")
    data = table_of_file(Reading(path=path), kinds)
    real, apart = held_back(data.table, data.columns, "class", seed=0)
    spec = compared(real, data.columns, data.source)
    found = taught(real, apart, real, spec, "class", seed=0)
    assert found == {
        f"{measure}, learned from real rows": pytest.approx(1.0, abs=0.01),
        f"{measure}, learned from generated rows": pytest.approx(1.0, abs=0.01),
    }
