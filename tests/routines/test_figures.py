"""Figures that are results are not pyplot's any more."""

import io
import subprocess
import sys
import warnings
from collections.abc import Sequence
from operator import methodcaller

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from torch import nn

from artifact_torch import bind
from artifact_torch.contracts import (
    ArtifactResults,
    Failure,
    Moment,
    Result,
    ResultKind,
    ResultName,
)
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.internal.pictures import Picture
from artifact_torch.routines.figures import as_pictures, leave_pyplot
from artifact_torch.routines.results import checked


@pytest.fixture(autouse=True)
def without_a_window() -> None:
    mpl.use("agg")


def opened() -> Figure:
    """By pyplot, which leaves the type open."""
    from matplotlib import pyplot as plt

    made: Figure = methodcaller("figure")(plt)
    return made


def test_many_figures_of_pyplot_give_no_warning_and_stay_whole() -> None:
    from matplotlib import pyplot as plt

    before = plt.get_fignums()
    figures: list[Figure] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for n in range(30):
            figure = opened()
            figure.add_subplot().set_xlim(0, n + 1)
            leave_pyplot(figure)
            figures.append(figure)
    assert plt.get_fignums() == before
    picture = io.BytesIO()
    methodcaller("savefig", picture, format="png")(figures[3])
    assert picture.getvalue().startswith(b"\x89PNG")
    assert figures[3].axes[0].get_xlim() == (0, 4)


class Draws:
    result_names: Sequence[ResultName] = [(ResultKind.PLOT, "a")]

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names

    def validate(self, model: object, names: object, moment: Moment) -> ArtifactResults:
        return ArtifactResults(plots={"a": opened()})


def test_neither_does_the_look_before_the_first_step_leave_one_open() -> None:
    from matplotlib import pyplot as plt

    before = plt.get_fignums()
    bind(Draws(), nn.Linear(1, 1)).rehearse(Moment(epoch=0, step=0, is_rehearsal=True))
    assert plt.get_fignums() == before


def test_other_figures_stay_open() -> None:
    from matplotlib import pyplot as plt

    kept, result = opened(), Figure()
    try:
        leave_pyplot(result)
        assert kept is plt.gcf()
    finally:
        plt.close(kept)


def test_figures_become_pictures_and_all_else_stays() -> None:
    figure, drawn = Figure(), Picture(Figure())
    others: list[Result | Failure] = [
        Result(ResultKind.SCORE, "s", 1.0),
        Failure(ResultKind.PLOT, "f", "no data"),
    ]
    results: list[Result | Failure] = [
        *others,
        Result(ResultKind.PLOT, "p", figure),
        Result(ResultKind.PLOT_COLLECTION, "ps", {"one": figure, "two": drawn}),
    ]
    *same, plot, plots = as_pictures(results, form="svg", dpi=50)
    assert same == others
    assert isinstance(plot, Result)
    assert isinstance(plots, Result)
    picture, of_plots = plot.value, plots.value
    assert isinstance(picture, Picture)
    assert (picture.figure(), picture.form, picture.dpi) == (figure, "svg", 50)
    assert is_mapping(of_plots)
    assert [*of_plots] == ["one", "two"]
    assert of_plots["two"] is drawn
    leave_pyplot(picture)  # it is not pyplot's


def test_a_picture_is_a_result_as_its_figure_is() -> None:
    picture = Picture(Figure())
    results: list[Result | Failure] = [
        Result(ResultKind.PLOT, "p", picture),
        Result(ResultKind.PLOT_COLLECTION, "ps", {"one": picture, "two": Figure()}),
    ]
    names = [(one.kind, one.name) for one in results]
    assert checked(results, "Mine.run", names, names) == results


def test_pyplot_is_not_imported_for_it() -> None:
    program = (
        "import sys\nfrom artifact_torch.routines.figures import leave_pyplot\n"
        "leave_pyplot(object())\nassert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603  (our own program)
