"""A run as a notebook shows it: a small table, curves, pictures."""

from typing import Final

from markupsafe import Markup

from artifact_torch.internal.disk import told_path
from artifact_torch.report import words
from artifact_torch.report.chart import N_COLOURS, chart
from artifact_torch.report.comparison import summaries
from artifact_torch.report.frame import frame_of
from artifact_torch.report.panels import panels_of
from artifact_torch.report.pictures import thumbnails
from artifact_torch.report.templates import template
from artifact_torch.run_folder.recorded_run import RecordedRun

MOST_PICTURES: Final = 6
"""Of a run in a notebook."""

COLOURS: Final = (
    "#2f81d9",
    "#c8651b",
    "#2c9350",
    "#a55bd0",
    "#d14a7c",
    "#0f8f99",
    "#8f7a10",
    "#7377ea",
)
"""That can be seen on white and on black, since a notebook does not say which it is."""

_DASHES = ("", ' stroke-dasharray="6 4"', ' stroke-dasharray="2 4"')
_MOST_ROWS, _MOST_CHARTS, _MOST_LINES = 12, 6, 8
_OF_PICTURES = 180_000  # bytes
_OF_CURVES = 70_000
_A_POINT = 12  # bytes


def fragment(run: RecordedRun, /) -> str:
    """HTML within a page: without script, style sheet or request, of 300 KB at most. Its colours are
    those of the notebook.
    """
    panels = panels_of([run])
    shown = [panel for panel in panels[:_MOST_CHARTS] if len(panel.lines) <= _MOST_LINES]
    n_lines = sum(len(panel.lines) for panel in shown)
    frame = frame_of([run], max(6, min(90, _OF_CURVES // (_A_POINT * 4 * max(1, n_lines)))))
    trouble = [
        ("failure", [f"{each.name}: {each.reason}" for each in run.failures]),
        ("warning", [each.text for each in run.warnings]),
    ]
    return template("notebook.html.jinja").render(
        run=run,
        spent=[*run.seconds.items()],
        trouble=[(name, told) for name, told in trouble if told],
        rows=summaries(run)[:_MOST_ROWS],
        charts=[chart(panel, frame) for panel in shown],
        n_charts=len(panels),
        pictures=thumbnails(run, MOST_PICTURES, _OF_PICTURES),
        n_pictures=len(run.pictures),
        folder="" if run.folder is None else told_path(run.folder),
        counted=words.count,
        colours=COLOURS[:N_COLOURS],
        dashes=[Markup(each) for each in _DASHES],  # noqa: S704  (our own words)
    )
