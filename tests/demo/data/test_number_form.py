"""Numbers with units: read as numbers, and written as they stood."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.data.cells import typed
from demo.data.number_form import form_of
from demo.data.reading import Reading
from demo.data.tables import table_of_file


@pytest.mark.parametrize(
    ("words", "dtype", "values", "told"),
    [
        (["51.3%", "4.0%", "-7.5%"], "float64", [51.3, 4.0, -7.5], "numbers in %, '51.3%'"),
        (["51 %", "4 %"], "int64", [51, 4], "numbers in %, '51 %'"),
        (
            ["$1,133", "$20", "-$7"],
            "int64",
            [1133, 20, -7],
            "numbers in $ with commas between thousands, '$1,133'",
        ),
        (["$-1.50", "$20.25"], "float64", [-1.5, 20.25], "numbers in $, '$-1.50'"),
        (["US$ 5", "US$ 12"], "int64", [5, 12], "numbers in US$, 'US$ 12'"),
        (["1.133,50 €", "7,25 €"], "float64", [1133.5, 7.25], "numbers in € with a decimal comma"),
        (["1,000,000", "0", "-12"], "int64", [1_000_000, 0, -12], "commas between thousands"),
        (["1,234.50", "12.00"], "float64", [1234.5, 12.0], "commas between thousands"),
        (["CHF 0.5", "CHF 12", "CHF .25"], "float64", [0.5, 12.0, 0.25], "numbers in CHF"),
        (["0%", "100%"], "int64", [0, 100], "numbers in %"),
        (["1 234,50", "12,00"], "float64", [1234.5, 12.0], "numbers with a decimal comma"),
        (["1\u202f234", "12"], "int64", [1234, 12], "numbers with spaces between thousands"),
        (["1\u00a0234,5 €", "7,0 €"], "float64", [1234.5, 7.0], "numbers in €"),
        (["1'234.50", "12.00"], "float64", [1234.5, 12.0], "apostrophes between thousands"),
        (["\u22120.5", "1.5"], "float64", [-0.5, 1.5], "numbers, '\u22120.5'"),
        (["(1,200)", "35"], "int64", [-1200, 35], "in brackets where they are below 0"),
        (["($5.50)", "$3.00"], "float64", [-5.5, 3.0], "numbers in $ in brackets"),
        (["70.5 kg", "8 kg"], "float64", [70.5, 8.0], "numbers in kg"),
        (["-3°C", "12°C"], "int64", [-3, 12], "numbers in °C"),
    ],
)
def test_a_unit_that_all_have_is_told_and_the_numbers_are_numbers(
    words: list[str], dtype: str, values: list[float], told: str
) -> None:
    column = typed(pd.Series([*words, ""]), na=(), comma_may_be_decimal=False)
    assert column.data.dropna().tolist() == values
    assert pd.api.types.is_integer_dtype(column.data) is (dtype == "int64")
    assert column.told.startswith(told) or told in column.told
    assert column.form is not None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["$5", "€4"], "its numbers have different units: '$', '€'; write all in one"),
        (["51%", "4"], "its numbers have different units: '%', 'none'; write all in one"),
        (["007%", "100%"], ""),
        (["$1,13", "$20.5"], ""),
        (["$", "$5"], ""),
        (["-$-5", "$5"], ""),
        (["% of all", "5%"], ""),
        (["5 kg", "7 lb"], "its numbers have different units: 'kg', 'lb'; write all in one"),
        (["1 2345", "1"], ""),
        (["1 234'567", "1"], ""),
        (["(1)", "(2)"], ""),
        (["(1", "2"], ""),
        (["(3)", "-3"], ""),
        (["\u22123", "-3"], ""),
    ],
)
def test_what_has_no_one_unit_is_text(words: list[str], told: str) -> None:
    column = typed(pd.Series(words), na=(), comma_may_be_decimal=False)
    assert column.data.tolist() == words
    assert column.form is None
    assert told in column.told
    assert bool(told) is bool(column.told)


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["1,133", "531"], [1133, 531]),
        (["(1,196)", "531"], [-1196, 531]),
        (["1,133", "2,250"], [1.133, 2.25]),
        (["1,133", "2,5", "531"], [1.133, 2.5, 531]),
        (["0,133", "531"], [0.133, 531]),
        (["1.133,5", "531"], [1133.5, 531]),
        (
            ["1.133", "2.250", "3.000", "4.125", "5.333.000", "531"],
            [1133, 2250, 3000, 4125, 5333000, 531],
        ),
    ],
)
def test_where_a_comma_may_be_decimal_three_digits_decide(
    words: list[str], values: list[float]
) -> None:
    column = typed(pd.Series(words), na=(), comma_may_be_decimal=True)
    assert column.data.tolist() == values
    assert column.form is not None
    assert column.form.written(column.data).tolist() == words


@pytest.mark.parametrize(
    "words",
    [
        ["1.133", "2.25", "3.5", "4.125", "5.333", "531"],
        ["1.133", "2.250", "3.000", "4.125", "5.333"],
        ["0.133", "2.250", "3.000", "4.125", "5.333", "531"],
        ["1.133", "531"],
    ],
)
def test_a_dot_is_before_decimals_unless_it_cannot_be(words: list[str]) -> None:
    column = typed(pd.Series(words), na=(), comma_may_be_decimal=True)
    assert column.data.tolist() == [float(word) for word in words]
    assert column.form is None


def test_what_is_beyond_64_bits_is_a_number_all_the_same() -> None:
    column = typed(pd.Series(["$99999999999999999999"]), na=(), comma_may_be_decimal=False)
    assert column.data.tolist() == [1e20]


@st.composite
def written_columns(draw: st.DrawFn) -> tuple[list[float], list[str], bool]:
    """Numbers, the words for them, made digit by digit, and whether a comma may be decimal."""
    n_decimals = draw(st.integers(0, 3))
    before, after = draw(
        st.sampled_from([("", ""), ("$", ""), ("€ ", ""), ("USD ", ""), ("", "%"), ("", " kg")])
    )
    between = draw(st.sampled_from(["", ",", " ", "\u202f", "'"]))
    minus = draw(st.sampled_from(["-", "\u2212", "()"]))
    inside = draw(st.booleans()) and bool(before) and minus != "()"
    decimal_comma = n_decimals > 0 and n_decimals < 3 and between != "'" and draw(st.booleans())
    numbers = draw(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20))
    words: list[str] = []
    if minus == "()":  # without a number above it, (1) is no number
        numbers.append(1)
    mark, apart = (",", between.replace(",", ".")) if decimal_comma else (".", between)
    for number in numbers:
        whole, rest = divmod(abs(number), 10**n_decimals)
        digits = f"{whole:,}".replace(",", apart)
        digits += f"{mark}{rest:0{n_decimals}}" if n_decimals else ""
        if number < 0 and minus == "()":
            words.append(f"({before}{digits}{after})")
            continue
        sign = minus if number < 0 else ""
        words.append(f"{'' if inside else sign}{before}{sign if inside else ''}{digits}{after}")
    return [number / 10**n_decimals for number in numbers], words, decimal_comma


@given(column=written_columns())
def test_numbers_are_written_as_they_stood(column: tuple[list[float], list[str], bool]) -> None:
    numbers, words, decimal_comma = column
    form = form_of(words, comma_may_be_decimal=decimal_comma)
    if form is None:
        assert [float(word) for word in words] == numbers  # plain ones
        return
    values = pd.Series([float(form.plain(word)) for word in words])
    assert values.tolist() == numbers
    assert form.written(values).tolist() == words


def test_decimals_that_differ_are_cut_short() -> None:
    form = form_of(["51.3%", "50%", "0.25%"], comma_may_be_decimal=False)
    assert form is not None
    written = form.written(pd.Series([51.3, 50.0, 0.254, -0.001, None]))
    assert written[:4].tolist() == ["51.3%", "50%", "0.25%", "0%"]
    assert written[4:].isna().all()


@pytest.mark.parametrize("sign", [",", ";"])
def test_a_file_that_was_read_is_written_as_it_was(tmp_path: Path, sign: str) -> None:
    rows = [["share", "price", "n", "word"], ["51.3%", "$1,133", "1", "a"], ["", "$20", "2", "b"]]
    text = "\n".join(
        sign.join(f'"{cell}"' if sign in cell else cell for cell in row) for row in rows
    )
    path = tmp_path / "a.csv"
    path.write_text(text + "\n", encoding="utf-8")
    read = table_of_file(Reading(path=path), {})
    assert read.table["price"].tolist() == [1133, 20]
    read.write(read.table, tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_text(encoding="utf-8") == text + "\n"
