"""Figures that are results: kept by the run, and no longer by pyplot."""

import sys
from collections.abc import Sequence
from dataclasses import replace

from artifact_torch.contracts import Failure, Result, ResultKind
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.internal.pictures import DPI, Picture, PictureForm

PLOTS = ResultKind.PLOT, ResultKind.PLOT_COLLECTION


def as_pictures(
    results: Sequence[Result | Failure], *, form: PictureForm = "png", dpi: float = DPI
) -> list[Result | Failure]:
    """The same results, each figure as a picture, which is drawn once for all who want it: the run
    folder, tracking clients, another process. Drawn is none here.
    """
    if not any(each.kind in PLOTS for each in results):
        return [*results]
    return [_as_picture(each, form, dpi) for each in results]


def _as_picture(each: Result | Failure, form: PictureForm, dpi: float) -> Result | Failure:
    match each:
        case Result(ResultKind.PLOT, value=figure):
            return replace(each, value=_picture(figure, form, dpi))
        case Result(ResultKind.PLOT_COLLECTION, value=figures) if is_mapping(figures):
            pictures = {key: _picture(figure, form, dpi) for key, figure in figures.items()}
            return replace(each, value=pictures)
        case _:
            return each


def _picture(figure: object, form: PictureForm, dpi: float) -> object:
    from matplotlib.figure import Figure  # there is one: it is loaded

    return Picture(figure, form=form, dpi=dpi) if isinstance(figure, Figure) else figure


def leave_pyplot(figure: object) -> None:
    """Take `figure` out of pyplot, which keeps all that it made open, and warns of more than 20.

    It stays whole: it can be looked at, drawn on and saved. Nothing happens where pyplot was not
    imported, to a figure that is not pyplot's, and to a picture.
    """
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None and not isinstance(figure, Picture):
        pyplot.close(figure)
