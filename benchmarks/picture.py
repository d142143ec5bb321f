"""The ratios of the loops as a picture: one bar each, the hand-written loop at 1."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from benchmarks.measuring import Row
from demo.benchmark.svg import svg

OURS, OTHERS = "#1f6f8b", "#b8b8b8"


def loops(rows: Sequence[Row]) -> str:
    """An SVG: the rows of each size that have a ratio, one panel a size."""
    sizes = list(dict.fromkeys(row.what.partition(", ")[0] for row in rows))
    shown = {size: _of(size, rows) for size in sizes}
    n_bars = max(map(len, shown.values()))
    figure = Figure(figsize=(4.6 * len(sizes), 1.1 + 0.3 * n_bars), layout="constrained")

    def draw() -> None:
        for axes, (size, bars) in zip(
            figure.subplots(1, len(sizes), squeeze=False)[0], shown.items(), strict=True
        ):
            names = [name for name, _ in bars]
            ratios = [ratio for _, ratio in bars]
            colors = [OURS if name.startswith("ours") else OTHERS for name in names]
            drawn = axes.barh(names, ratios, color=colors)
            axes.bar_label(drawn, [f"{ratio:.2f}" for ratio in ratios], padding=3)
            axes.axvline(1.0, color="black", linewidth=0.8)
            axes.invert_yaxis()
            axes.set_xlim(0, 1.15 * max(ratios, default=1.0))
            axes.set_title(size)
            axes.set_xlabel("processor time, by hand = 1")
            axes.spines[["top", "right"]].set_visible(False)

    return svg(figure, draw, font_size=9)


def _of(size: str, rows: Sequence[Row]) -> list[tuple[str, float]]:
    """Name and ratio, the least first."""
    named = [(*row.what.partition(", ")[::2], row.ratio) for row in rows]
    bars = [(name, ratio) for each, name, ratio in named if each == size and ratio is not None]
    return sorted((bar for bar in bars if bar[0] != "by hand"), key=lambda bar: bar[1])
