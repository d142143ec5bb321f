"""Files of many kinds through the command, without a column's name: what is generated is of their
kind.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import demo.__main__ as command
from artifact_torch.table_comparison import TableComparisonPlan, TableSpec
from artifact_torch.tables import ColumnSpecs
from demo.config.config import DemoConfig
from demo.data.reading import Reading, read_table
from demo.data.tables import NamedTable, table_of_file
from demo.options import Options
from demo.trainer import validation
from tests.demo.files import BUNDLED, SIMULATED, german

PICTURED = {"gaps", "names"}
"""The others have their scores alone, which is most of the time."""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[NamedTable, pd.DataFrame]]:
    """Each run's table and what was generated, before it is a file."""
    kept: list[tuple[NamedTable, pd.DataFrame]] = []
    run = command.run

    def keeping(
        options: Options, config: DemoConfig, data: NamedTable, folder: Path
    ) -> pd.DataFrame:
        generated = run(options, config, data, folder)
        kept.append((data, generated))
        return generated

    monkeypatch.setattr(command, "run", keeping)
    return kept


def check(data: NamedTable, generated: pd.DataFrame, columns: ColumnSpecs) -> None:
    """What is generated has the columns, dtypes, ranges, categories and gaps of the table."""
    real = data.table
    assert list(generated.columns) == list(real.columns)
    assert generated.dtypes.to_dict() == real.dtypes.to_dict()
    for each in columns:
        ours, theirs = real[each.name], generated[each.name]
        share, n_rows = float(ours.isna().mean()), len(theirs)
        if share in {0.0, 1.0}:
            assert float(theirs.isna().mean()) == share
        else:  # five deviations, and what a model of few steps is off by
            room = 5 * np.sqrt(share * (1 - share) / n_rows) + 0.03
            assert abs(float(theirs.isna().mean()) - share) < room, each.name
        have, made = ours.dropna(), theirs.dropna()
        if each.kind in {"numeric", "datetime"}:
            assert made.between(have.min(), have.max()).all(), each.name
        elif each.kind == "fresh":
            assert made.is_unique, each.name
            assert not {*made} & {*have}, each.name
        else:
            assert {*made} <= {*have}, each.name
        if have.dtype == float and (have % 1 == 0).all():
            assert (made % 1 == 0).all(), each.name


def no_picture(spec: TableSpec, real: pd.DataFrame, generated: pd.DataFrame) -> bytes:
    """In place of the one that is drawn at the end of a run."""
    assert {*spec.features} <= {*real.columns} & {*generated.columns}
    return b""


def run_on(path: Path) -> None:
    arguments = ["--data", str(path), "--steps", "3", "--device", "cpu", "--out", "out"]
    assert command.main(arguments) == 0


@pytest.mark.parametrize("name", [*BUNDLED, *SIMULATED])
def test_a_file_is_learned_without_a_word_about_its_columns(
    name: str, runs: list[tuple[NamedTable, pd.DataFrame]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if name not in PICTURED:
        monkeypatch.setattr(validation, "PLAN", TableComparisonPlan(scores=["MEAN_JS_DISTANCE"]))
        monkeypatch.setattr(command, "picture", no_picture)
    path = Path("table.csv")
    make = BUNDLED[name] if name in BUNDLED else SIMULATED[name]
    make().to_csv(path, index=False)
    run_on(path)
    [(data, generated)] = runs
    assert len(generated) == 1000
    check(data, generated, data.columns)
    written = read_table(Reading(path=Path("out/generated.csv"))).table
    check(data, written, data.columns)


def test_units_are_those_of_the_file() -> None:
    SIMULATED["units"]().to_csv("table.csv", index=False)
    run_on(Path("table.csv"))
    written = pd.read_csv("out/generated.csv", dtype=str)
    for name, form in {
        "share": r"\d+\.\d%",
        "price": r"\$\d{1,3}(,\d{3})*",
        "change": r"-?\d+\.\d\d €",
    }.items():
        assert written[name].str.fullmatch(form).all(), name


def test_a_file_of_another_country(
    runs: list[tuple[NamedTable, pd.DataFrame]], capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path("german.csv")
    path.write_bytes(german().encode("latin-1"))
    run_on(path)
    [(data, generated)] = runs
    assert data.table["geld"].between(1100, 2000).all()
    assert data.table.dtypes.astype(str).to_dict() == {
        "größe": "float64",
        "name": "object",
        "geld": "float64",
    }
    check(data, generated, data.columns)
    first = Path("out/generated.csv").read_text(encoding="utf-8").splitlines()[1]
    assert re.fullmatch(r"\d+,\d;\w+;1\.\d{3},\d\d", first), first
    shown = capsys.readouterr().out
    for word in ("separated by a semicolon", "Windows-1252", "decimal comma"):
        assert word in shown


def test_what_the_columns_are_taken_for() -> None:
    kinds: dict[str, dict[object, str]] = {}
    for name in ("gaps", "codes", "dates", "numbers"):
        path = Path(f"{name}.csv")
        SIMULATED[name]().to_csv(path, index=False)
        columns = table_of_file(Reading(path=path), {}).columns
        kinds[name] = {each.name: each.kind for each in columns}
    assert kinds["gaps"] == {
        "number": "numeric",
        "word": "category",
        "count": "numeric",
        "flag": "boolean",
        "day": "datetime",
        "mail": "fresh",
        "empty": "category",
    }
    assert kinds["codes"] == {
        "zip": "category",
        "account": "fresh",
        "amount": "numeric",
        "beyond": "fresh",
        "mail": "fresh",
        "code": "ordinal",
        "row_id": "fresh",
    }
    assert {*kinds["dates"].values()} == {"datetime"}
    assert kinds["numbers"] == {
        "thousands": "numeric",
        "whole": "numeric",
        "skewed": "numeric",
        "heavy": "numeric",
        "code": "ordinal",
        "constant": "category",
        "yes": "category",
        "capitals": "boolean",
        "whole_floats": "numeric",
    }


def test_what_was_decided_is_told_with_what_changes_it(
    capsys: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    rows = [f"r{at}@x,town {at if at < 30 else 0},,{at % 9},{10**9 + at * at}" for at in range(60)]
    Path("t.csv").write_text(
        "e mail,town,empty,n,stamp\n" + "\n".join(rows) + "\n", encoding="utf-8"
    )
    run_on(Path("t.csv"))
    shown = capsys.readouterr().out
    assert (
        "- column 'e mail' names rows: its values are made anew; --kinds 'e mail=drop' leaves it "
        "out, 'e mail=category' keeps them" in shown
    )
    assert "stamp=category keeps them, stamp=numeric takes them as numbers" in shown
    assert "- column 'empty' has no value, and gets none" in shown
    assert "of them in one row alone: they are copied word for word; --kinds town=drop" in shown
    assert not [each for each in recwarn if "copied" in str(each.message)]  # told once
    Path("t.csv").write_text("a\n1.5\n", encoding="utf-8")
    assert command.main(["--data", "t.csv", "--steps", "1", "--device", "cpu"]) == 0
    assert "- 1 rows are few" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("id,mail\n" + "".join(f"{at},m{at}@x\n" for at in range(60)), ["'id', 'mail'", "--kinds"]),
        ("a,b\n" + ",\n" * 30, ["have no value"]),
        ("a\n1\ninf\n-inf\n2\n", ["'a' (2 of 4)", "--na=inf --na=-inf"]),
        ("a b\n" + "".join(f"{at} {at * 7}\n" for at in range(60)), ["--separator"]),
    ],
)
def test_what_cannot_be_learned_says_what_to_do(
    content: str, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("own.csv").write_text(content, encoding="utf-8")
    assert command.main(["--data", "own.csv", "--steps", "1", "--device", "cpu"]) == 2
    told = capsys.readouterr().err
    for word in words:
        assert word in told


def test_the_remedies_help() -> None:
    Path("own.csv").write_text("a,b\n" + "1,x\ninf,y\n-inf,x\n2,y\n" * 9, encoding="utf-8")
    arguments = ["--data", "own.csv", "--steps", "1", "--device", "cpu", "--out", "out"]
    assert command.main([*arguments, "--na=inf", "--na=-inf"]) == 0
    assert read_table(Reading(path=Path("out/generated.csv"))).table["a"].isna().any()
