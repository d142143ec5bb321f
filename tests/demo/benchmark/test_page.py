"""The page says what the JSON says."""

from pathlib import Path

import pytest

from demo.benchmark import page, picture
from demo.benchmark.results import Answer, Results, TableFacts

TEXT = "# Page\n\n<!-- versions -->\n<!-- end of versions -->\n\n<!-- tables -->\nold\n<!-- end of tables -->\n\nEnd.\n"
FACTS = TableFacts(rows=1234, columns=3, target="y", source="sklearn")


def results() -> Results:
    made = Results()
    for seed, auc in enumerate([0.61, 0.52, 0.55]):
        for method, more in (("ceiling", 0.0), ("vae", 0.1)):
            figures = {"c2st": auc + more, "trtr": 0.9, "fit_s": 12.3}
            answer = Answer(table="one", method=method, seed=seed, figures=figures)
            made = made.with_answer(answer, FACTS)
    failed = Answer(table="one", method="TVAE", seed=0, note="failed: no memory")
    return made.with_answer(failed, FACTS)


def test_the_tables_of_the_page_are_those_of_the_results(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert page.main(["--check"]) == 0, capsys.readouterr().out


def test_the_picture_is_that_of_the_results() -> None:
    drawn = page.PICTURE.read_text(encoding="utf-8")
    kept = Results.read(page.RESULTS)
    assert len(kept.tables) >= 4
    assert all(f">{name}<" in drawn for name in kept.tables)
    assert all(f">{name}<" in drawn for table in kept.tables for name in kept.methods(table))


def test_the_median_and_the_range_of_the_seeds_are_shown() -> None:
    found = results().spread("one", "vae", "c2st")
    assert found is not None
    assert (found.median, found.least, found.most) == pytest.approx((0.65, 0.62, 0.71))
    text = page.section(results(), "one")
    assert "1,234 rows, 3 columns, from sklearn; the target is `y`" in text
    assert "predict with 0.900." in text
    assert "| vae |  |  |  | 0.650 (0.620 to 0.710) |  |  |  | 12 |  |" in text
    assert "| TVAE (0 of 3 seeds) |" in text
    assert "standard error" not in text  # one draw says nothing of them
    assert text.endswith("TVAE: failed: no memory.")


def test_the_largest_error_over_the_draws_is_said() -> None:
    made = Results()
    for seed, error in enumerate([0.004, 0.011, 0.002]):
        figures = {"c2st": 0.6, "c2st_error": error, "tstr": 0.5, "tstr_error": error / 2}
        for method, more in (("ceiling", 1.0), ("autoregressive", 2.0), ("TVAE", 9.0)):
            more_of_it = {name: value * more for name, value in figures.items()}
            answer = Answer(table="one", method=method, seed=seed, figures=more_of_it)
            made = made.with_answer(answer, FACTS)
    said = (
        "Largest standard error of a seed's mean, of C2ST and TSTR: ceiling 0.011, 0.005; "
        "autoregressive 0.022, 0.011."
    )
    assert page.section(made, "one").endswith(said)


def test_an_answer_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    newer = results().with_answer(
        Answer(table="one", method="vae", seed=1, figures={"c2st": 0.9}), FACTS
    )
    newer.write(path)
    read = Results.read(path)
    assert read == newer
    assert read.methods("one") == ["ceiling", "vae", "TVAE"]
    assert [each.figures.get("c2st") for each in read.answers if each.method == "vae"] == [
        *(pytest.approx(0.71), 0.9, pytest.approx(0.65))
    ]
    assert Results.read(tmp_path / "none.json") == Results()


def test_the_page_is_written_between_its_marks(tmp_path: Path) -> None:
    path, kept, drawn = (tmp_path / name for name in ("page.md", "results.json", "page.svg"))
    path.write_text(TEXT, encoding="utf-8")
    results().write(kept)
    arguments = ["--page", str(path), "--results", str(kept), "--picture", str(drawn)]
    assert page.main([*arguments, "--check"]) == 1
    assert page.main(arguments) == 0
    text = path.read_text(encoding="utf-8")
    assert "old" not in text
    assert text.startswith("# Page\n")
    assert text.endswith("<!-- end of tables -->\n\nEnd.\n")
    assert page.main([*arguments, "--check"]) == 0
    assert drawn.read_text(encoding="utf-8") == picture.drawn(Results.read(kept))


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no marks for versions"):
        page.written("# Page\n", results())
