"""Everyone can read it: contrast by the formula of WCAG 2.2 (1.4.3 and 1.4.11), light and dark."""

import re
from importlib.resources import files

import pytest

CSS = (files("artifact_torch.report") / "page.css").read_text(encoding="utf-8")
LIGHT = CSS[: CSS.index("@media")]
DARK = CSS[CSS.index("prefers-color-scheme: dark") : CSS.index("* { box-sizing")]


def colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", css))


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # known to fail


@pytest.mark.parametrize("css", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "sheet"])
def test_texts_and_lines_stand_out(css: str, ground: str) -> None:
    of = colours(css)
    assert len(of) == 17
    for name in ("ink", "faint", "link", "good", "careful", "bad"):
        assert contrast(of[name], of[ground]) >= 4.5, name
    for name in (f"c{n}" for n in range(8)):
        assert contrast(of[name], of[ground]) >= 4.5, name


def test_both_have_the_same_colours() -> None:
    assert colours(LIGHT).keys() == colours(DARK).keys()
    assert len({*colours(LIGHT).values()}) == len({*colours(DARK).values()}) == 17


def test_paper_is_light() -> None:
    """The dark colours are for screens alone."""
    assert "@media screen and (prefers-color-scheme: dark)" in CSS
