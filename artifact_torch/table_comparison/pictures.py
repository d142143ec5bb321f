"""Pictures of two tables that can be read, whatever is in them. They are never pyplot's."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import AsinhLocator, MaxNLocator

from artifact_torch.table_comparison.labels import label
from artifact_torch.table_comparison.panels import Panel

# Any, in this file: matplotlib leaves the keywords of its functions open, and its dates untyped
_dates: Any = import_module("matplotlib.dates")

MAX_PANELS = 24
MAX_COLUMNS = 40
"""Of the picture of correlations."""

_REAL, _GENERATED = "#7a8da6", "#d1495b"
_WIDTH, _HEIGHT, _ROOM = 4.0, 2.7, 1.3  # inches: of a panel, and to the left of it
_SMALL = 7.0  # points


def distributions(panels: Sequence[Panel]) -> Figure:
    """One panel for each column; of more than `MAX_PANELS` those that differ most."""
    shown = [*panels]
    title = "Share of rows"
    if len(panels) > MAX_PANELS:
        most = sorted(panels, key=lambda one: -one.difference)[:MAX_PANELS]
        shown = [one for one in panels if one in most]
        title = f"Share of rows: the {MAX_PANELS} of {len(panels)} columns that differ most"
    n_columns = min(3, len(shown))
    n_rows = -(-len(shown) // n_columns)
    width, height = n_columns * _WIDTH, n_rows * _HEIGHT + 0.5
    made = Figure(figsize=(width, height))
    figure: Any = made
    axes = [*figure.subplots(n_rows, n_columns, squeeze=False).flat]
    figure.subplots_adjust(
        left=_ROOM / width,
        right=1 - 0.15 / width,
        bottom=0.45 / height,
        top=1 - 0.75 / height,
        wspace=_ROOM / (_WIDTH - _ROOM),
        hspace=0.8 / (_HEIGHT - 0.8),
    )
    for axis, one in zip(axes, shown, strict=False):
        _draw(axis, one)
    for axis in axes[len(shown) :]:
        axis.set_axis_off()
    handles = [
        Patch(color=_REAL, alpha=0.6, label="real"),
        Patch(color=_GENERATED, alpha=0.8, label="generated"),
    ]
    figure.legend(handles=handles, loc="upper right", ncols=2, fontsize=9, frameon=False)
    figure.text(0.1 / width, 1 - 0.12 / height, title, fontsize=10, va="top")
    return made


def _draw(axis: Any, one: Panel) -> None:
    notes = [label(one.name, 34)]
    if any(one.missing):
        notes.append(f"missing: real {one.missing[0]:.1%}, generated {one.missing[1]:.1%}")
    if one.beyond:
        notes.append(f"generated beyond the ends: {one.beyond:.1%}")
    axis.set_title("\n".join(notes), fontsize=_SMALL + 1, loc="left", parse_math=False, pad=3)
    axis.tick_params(labelsize=_SMALL)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    if one.edges is None:
        _draw_categories(axis, one)
    else:
        _draw_numbers(axis, one, one.edges)


def _draw_categories(axis: Any, one: Panel) -> None:
    places = np.arange(len(one.labels))
    axis.barh(places - 0.2, one.real, height=0.4, color=_REAL, alpha=0.6)
    axis.barh(places + 0.2, one.generated, height=0.4, color=_GENERATED, alpha=0.8)
    size = min(_SMALL, 72 * (_HEIGHT - 1.1) / max(1, len(places)))
    axis.set_yticks(
        places, labels=[label(each) for each in one.labels], parse_math=False, fontsize=size
    )
    axis.set_ylim(len(places) - 0.4, -0.6)
    axis.xaxis.set_major_locator(MaxNLocator(4))
    axis.set_xlabel("share of rows", fontsize=_SMALL)


def _draw_numbers(axis: Any, one: Panel, edges: Any) -> None:
    axis.stairs(one.real, edges, fill=True, color=_REAL, alpha=0.6)
    axis.stairs(one.generated, edges, color=_GENERATED, linewidth=1.2)
    if one.scale == "log":
        axis.set_xscale("log")
    elif one.scale == "asinh":
        axis.set_xscale("asinh", linear_width=one.linear_width)
        axis.xaxis.set_major_locator(AsinhLocator(one.linear_width, numticks=7))
    elif one.scale == "time":
        locator = _dates.AutoDateLocator(minticks=3, maxticks=8)
        axis.xaxis.set_major_locator(locator)
        axis.xaxis.set_major_formatter(_dates.ConciseDateFormatter(locator))
    else:
        axis.xaxis.set_major_locator(MaxNLocator(6, integer=_is_of_whole(edges)))
    axis.set_xlim(edges[0], edges[-1])
    axis.set_ylim(bottom=0)
    axis.yaxis.set_major_locator(MaxNLocator(4))
    axis.minorticks_off()
    scale = "" if one.scale in {"linear", "time"} else f" ({one.scale} scale)"
    axis.set_xlabel(label(one.name, 34) + scale, fontsize=_SMALL, parse_math=False)
    axis.set_ylabel("share of rows", fontsize=_SMALL)


def _is_of_whole(edges: Any) -> bool:
    return bool((edges * 2 % 2 == 1).all())


def correlation_difference(real: pd.DataFrame, generated: pd.DataFrame) -> Figure:
    """What the associations of the generated table are above (red) or below (blue) the real ones; of
    more than `MAX_COLUMNS` columns those that differ most.
    """
    difference = generated.to_numpy() - real.to_numpy()
    names: list[str] = [*map(str, real.columns)]
    title = "Correlation: generated - real"
    if len(names) > MAX_COLUMNS:
        most = np.argsort(-np.abs(difference).mean(axis=0), kind="stable")[:MAX_COLUMNS]
        chosen: list[int] = np.sort(most).tolist()
        title += f", the {MAX_COLUMNS} of {len(names)} columns that differ most"
        difference, names = difference[np.ix_(chosen, chosen)], [names[at] for at in chosen]
    side = max(3.0, 0.32 * len(names))
    width, height = side + 2.9, side + 2.0
    made = Figure(figsize=(width, height))
    figure: Any = made
    axis = figure.add_axes((1.7 / width, 1.6 / height, side / width, side / height))
    image = axis.imshow(difference, cmap="RdBu_r", vmin=-1.0, vmax=1.0)
    places, labels = range(len(names)), [label(name) for name in names]
    axis.set_xticks(places, labels=labels, parse_math=False, fontsize=_SMALL, rotation=90)
    axis.set_yticks(places, labels=labels, parse_math=False, fontsize=_SMALL)
    if len(names) <= 15:
        for (row, column), value in np.ndenumerate(difference):
            color = "white" if abs(value) > 0.6 else "black"
            shown = f"{value:+.2f}" if abs(value) >= 0.005 else "0"
            axis.text(column, row, shown, ha="center", va="center", fontsize=5.5, color=color)
    bar = figure.add_axes(((1.85 + side) / width, 1.6 / height, 0.15 / width, side / height))
    figure.colorbar(image, cax=bar).ax.tick_params(labelsize=_SMALL)
    figure.text(0.1 / width, 1 - 0.12 / height, title, fontsize=10, va="top")
    return made
