"""What is in a picture, and that it can be drawn whatever the names are."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.text import Text

from artifact_torch.contracts import ResultKind
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.internal.pictures import draw
from artifact_torch.table_comparison import TableComparisonResources, TableSpec, table_spec
from artifact_torch.table_comparison.comparison import Comparison
from artifact_torch.table_comparison.labels import MAX_LABEL, escaped, label
from artifact_torch.table_comparison.panels import N_CATEGORIES, Panel, panel
from artifact_torch.table_comparison.pictures import distributions
from artifact_torch.table_comparison.seen import seen


def panel_of(real: Sequence[object], generated: Sequence[object], *, cat: bool = False) -> Panel:
    tables = [pd.DataFrame({"c": [*of]}) for of in (real, generated)]
    names = ["c"]
    spec = table_spec(
        tables[0], cts_features=[] if cat else names, cat_features=names if cat else []
    )
    ours, theirs = (seen(each, spec) for each in tables)
    return panel("c", spec, ours, theirs, tables[0]["c"])


def test_few_whole_numbers_have_a_bin_each() -> None:
    made = panel_of([0, 1, 1, 3], [0, 0, 0, 2])
    assert made.edges is not None
    assert made.edges.tolist() == [-0.5, 0.5, 1.5, 2.5, 3.5]
    assert made.real.tolist() == [0.25, 0.5, 0.0, 0.25]
    assert made.generated.tolist() == [0.75, 0.0, 0.25, 0.0]
    assert made.difference == 0.75


def test_many_whole_numbers_do_not_comb() -> None:
    made = panel_of([*range(1000)] * 3, [*range(1000)])
    assert made.edges is not None
    widths = np.diff(made.edges)
    assert (widths == widths[0]).all()
    assert widths[0] == math.floor(widths[0])  # each bin has as many whole numbers
    np.testing.assert_allclose(made.real[:-1], made.real[0])


def test_skewed_columns_are_not_one_bar() -> None:
    rng = np.random.default_rng(0)
    money = np.exp(rng.normal(3, 2, 2000))
    for values, scale in ((money, "log"), (money - 1, "asinh"), (np.floor(money), "asinh")):
        made = panel_of([*values], [*values])
        assert made.scale == scale
        assert made.real.max() < 0.2
    assert panel_of([*rng.normal(size=2000)], [0.0]).scale == "linear"


def test_a_generated_number_far_away_does_not_hide_the_rest() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=1000)
    made = panel_of([*values], [*values[:-1], 1e9])
    assert made.edges is not None
    assert made.edges[-1] < 10
    assert made.beyond == 0.001
    assert made.generated.sum() == pytest.approx(1.0)


def test_what_is_missing_is_a_share_of_all_rows() -> None:
    made = panel_of([1.5, 2.5, None, 4.0], [None, None, None, 2.0])
    assert made.missing == (0.25, 0.75)
    assert made.real.sum() == 0.75
    assert made.generated.sum() == 0.25


def test_times_have_an_axis_of_times() -> None:
    days = pd.date_range("2020-01-01", periods=100)
    made = panel_of([*days], [*days])
    assert made.scale == "time"
    assert made.edges is not None
    assert made.edges[0] == (days[0] - pd.Timestamp(0)).days


def test_frequent_categories_come_first_and_rare_ones_together() -> None:
    real = [f"c{i:02d}" for i in range(30) for _ in range(40 - i)]
    made = panel_of(real, [*real, "new", None], cat=True)
    assert made.labels == [
        *(f"c{i:02d}" for i in range(N_CATEGORIES)),
        "(10 others)",
        "(unknown)",
        "(missing)",
    ]
    assert made.real[0] == 40 / len(real)
    assert made.real.sum() == pytest.approx(1.0)
    assert made.generated.sum() == pytest.approx(1.0)
    assert made.generated[-1] == 1 / (len(real) + 2)


NUMBERS = st.lists(
    st.one_of(
        st.floats(allow_nan=True, allow_infinity=False, width=64),
        st.integers(-(2**40), 2**40).map(float),
        st.sampled_from([0.0, 1.0, 1e-300, 5e-324, 1e140]),
    ),
    min_size=1,
    max_size=30,
)


def _has_any(values: list[float]) -> bool:
    return any(abs(value) < 1e150 for value in values)


@settings(deadline=None, max_examples=300)
@given(real=NUMBERS.filter(_has_any), generated=NUMBERS)
def test_any_numbers(real: list[float], generated: list[float]) -> None:
    made = panel_of(real, generated)
    assert made.edges is not None
    assert (np.diff(made.edges) > 0).all()
    assert np.isfinite(made.edges).all()
    assert made.real.sum() + made.missing[0] == pytest.approx(1.0)
    assert made.generated.sum() + made.missing[1] == pytest.approx(1.0)


NAMES = ["$x_{1$", "a$b$", "$", "_under", "{}^\\frac", "a\nb\tc", "%s", "x" * 300, "\\$", " "]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_is_a_formula(name: str) -> None:
    assert len(label(name)) <= MAX_LABEL
    assert label(name).isprintable()
    figure = Figure()
    drawn: Any = figure  # Any: matplotlib leaves the keywords open
    drawn.suptitle(escaped(name))
    assert draw(figure)


def strange(seed: int) -> tuple[pd.DataFrame, TableSpec]:
    rng = np.random.default_rng(seed)
    made = pd.DataFrame({name: rng.normal(size=30) for name in NAMES[:5]})
    words = made.assign(**{name: rng.choice(NAMES, 30) for name in NAMES[5:]})
    return words, table_spec(words, cts_features=NAMES[:5], cat_features=NAMES[5:])


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (ResultKind.PLOT, "DISTRIBUTIONS"),
        (ResultKind.PLOT, "CORRELATION_DIFFERENCE"),
        (ResultKind.PLOT_COLLECTION, "DISTRIBUTIONS"),
        (ResultKind.PLOT_COLLECTION, "CORRELATION_HEATMAPS"),
        (ResultKind.PLOT_COLLECTION, "PDF"),
        (ResultKind.PLOT_COLLECTION, "CDF"),
        (ResultKind.PLOT, "MEAN_ALIGNMENT"),
    ],
)
def test_pictures_of_strange_names(kind: ResultKind, name: str) -> None:
    """matplotlib takes what is between two $ for a formula: it crashes, or draws another name."""
    real, spec = strange(0)
    generated, _ = strange(1)
    resources = TableComparisonResources(spec=spec, df_real=real, generated=generated)
    value = Comparison(resources).compute(kind, name)
    figures = [*value.values()] if is_mapping(value) else [value]
    if is_mapping(value) and name != "CORRELATION_HEATMAPS":
        assert [*value] == (NAMES[:5] if name == "CDF" else NAMES)
    for figure in figures:
        assert isinstance(figure, Figure)
        assert draw(figure)
        texts = figure.findobj(Text)
        formulas = [
            text.get_text()
            for text in texts
            if text.get_parse_math() and text.get_text().replace(r"\$", "").count("$") > 1
        ]
        assert all("mathdefault" in each for each in formulas)  # numbers of a log axis


def test_pictures_are_not_pyplots_and_say_what_is_what() -> None:
    before = plt.get_fignums()
    rng = np.random.default_rng(0)
    real = pd.DataFrame({f"c{i}": rng.normal(size=20) for i in range(45)})
    spec = table_spec(real, cts_features=[*map(str, real)])
    worse = real.assign(c7=rng.normal(50, 1, 20))
    comparison = Comparison(TableComparisonResources(spec=spec, df_real=real, generated=worse))
    for name, panels, title in (
        ("DISTRIBUTIONS", 24, "Share of rows: the 24 of 45 columns that differ most"),
        ("CORRELATION_DIFFERENCE", 2, "the 40 of 45 columns that differ most"),
    ):
        figure = comparison.compute(ResultKind.PLOT, name)
        assert isinstance(figure, Figure)
        assert len(figure.axes) == panels
        assert any(title in text.get_text() for text in figure.texts)
        texts = [t.get_text() for t in figure.findobj(Text)]
        assert any("c7" in text for text in texts)
    assert plt.get_fignums() == before


def test_a_bar_that_hides_the_others_is_cut_off_and_told() -> None:
    numbers = np.linspace(0.5, 40.0, 200).tolist()
    one = panel_of([0.0] * 800 + numbers, [0.0] * 900 + numbers[::2])
    assert one.highest is not None
    place, following = one.highest
    assert (place, one.real[place]) == (0, pytest.approx(0.8, abs=0.02))
    assert following < 0.04
    picture = distributions([one])
    axis: Any = picture.axes[0]  # Any: matplotlib leaves its types open
    assert axis.get_ylim() == (0.0, pytest.approx(1.2 * following))
    assert "cut off: real 8" in axis.get_title(loc="left")
    even = panel_of([*range(40)], [*range(40)])
    assert even.highest is None


def test_places_without_a_column_are_empty() -> None:
    one = panel_of([*range(40)], [*range(40)])
    axes: Any = distributions([one] * 4).axes
    assert [axis.axison for axis in axes] == [True] * 4 + [False] * 2
