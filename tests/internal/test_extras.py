"""A library of an extra that is not installed is asked for by the extra's name."""

import importlib
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from artifact_torch import ArtifactTorchError, DataLoaderRoutine, MissingExtraError
from artifact_torch.contracts import ArtifactResults, ResultKind
from artifact_torch.internal.extras import from_extra
from artifact_torch.routines.results import checked
from tests.toys import Batches, Fit, Points, points

ROOT = Path(__file__).parents[2]
ASK_FOR_TABLES = re.escape("pip install 'artifact-torch[tables]'")


def uninstall(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    """As if it were not there: an import of it raises ModuleNotFoundError."""
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)


def forget(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """As if it had not been imported yet."""
    for name in [name for name in sys.modules if f"{name}.".startswith(f"{package}.")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("library", ["artifact_core", "matplotlib"])
def test_table_comparison_asks_for_tables(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    forget(monkeypatch, "artifact_torch.table_comparison")
    uninstall(monkeypatch, library)
    with pytest.raises(
        MissingExtraError,
        match=rf"artifact_torch\.table_comparison needs {library}.*{ASK_FOR_TABLES}",
    ) as caught:
        importlib.import_module("artifact_torch.table_comparison")
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value, ArtifactTorchError)


class Drawing:
    """A plot of nothing."""

    name = "drawn"

    def start(self) -> None: ...

    def update(self, batch: Points, output: Fit, /) -> None: ...

    def finish(self) -> Figure:
        return Figure()


def test_a_plot_callback_asks_for_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    uninstall(monkeypatch, "matplotlib")
    with pytest.raises(MissingExtraError, match=f"a plot needs matplotlib.*{ASK_FOR_TABLES}"):
        DataLoaderRoutine[Points, Fit](Batches(points(), 10), plots=[Drawing()])


def test_a_plot_among_the_results_asks_for_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    results = ArtifactResults(plots={"drawn": Figure()})
    uninstall(monkeypatch, "matplotlib")
    with pytest.raises(MissingExtraError, match=f"a plot needs matplotlib.*{ASK_FOR_TABLES}"):
        checked(results, "mine", [(ResultKind.PLOT, "drawn")])


def test_results_without_a_plot_need_no_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    uninstall(monkeypatch, "matplotlib")
    results = ArtifactResults(scores={"loss": 1.0})
    assert checked(results, "mine", [(ResultKind.SCORE, "loss")]).scores == {"loss": 1.0}


@pytest.mark.parametrize(
    ("version", "library", "mentions_python"),
    [
        ((3, 13, 9), "artifact_core", False),
        ((3, 14, 0), "artifact_core.table_comparison", True),
        ((3, 14, 0), "matplotlib", False),
    ],
)
def test_what_no_python_3_14_can_install_is_not_advised_there(
    monkeypatch: pytest.MonkeyPatch,
    version: tuple[int, ...],
    library: str,
    *,
    mentions_python: bool,
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    with (
        pytest.raises(MissingExtraError, match=ASK_FOR_TABLES) as caught,
        from_extra("tables", "a thing"),
    ):
        raise ModuleNotFoundError(name=library)
    assert ("Python 3.13" in str(caught.value)) is mentions_python


def test_a_module_of_ours_that_is_missing_is_no_extra() -> None:
    with (
        pytest.raises(ModuleNotFoundError, match="artifact_torch"),
        from_extra("tables", "a thing"),
    ):
        importlib.import_module("artifact_torch.no_such_module")


def declared_extras() -> Mapping[str, object]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras: Mapping[str, object] = project["optional-dependencies"]
    return extras


def test_each_extra_that_is_asked_for_is_declared() -> None:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "artifact_torch").rglob("*.py"))
    asked = {name for text in sources for name in re.findall(r"from_extra\(\s*\"([a-z]+)\"", text)}
    assert asked
    assert asked <= set(declared_extras())
