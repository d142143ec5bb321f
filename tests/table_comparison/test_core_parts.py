"""What artifact-core's artifacts share here, and that nothing of it can be seen in the results."""

import pickle
from collections.abc import Callable, Iterator
from importlib import import_module
from operator import methodcaller
from threading import Thread
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from artifact_core.spi.artifact import ArtifactHyperparams
from artifact_core.spi.orchestration import ArtifactType
from artifact_core.table_comparison import (
    TableComparisonEngine,
    TableComparisonPlotCollectionType,
    TableComparisonPlotType,
    TableComparisonScoreCollectionType,
    TableComparisonScoreType,
    TabularDataSpec,
)
from artifact_core.table_comparison.spi import TableComparisonScore, TableComparisonScoreRegistry
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from artifact_torch.contracts import ResultKind
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.internal.pictures import draw
from artifact_torch.table_comparison import TableComparisonResources, present
from artifact_torch.table_comparison.associations import associations
from artifact_torch.table_comparison.comparison import Comparison
from artifact_torch.table_comparison.contracts import Kept
from artifact_torch.table_comparison.core_parts import replace_parts
from artifact_torch.table_comparison.known import CORE

HEATMAPS = TableComparisonPlotType.CORRELATION_HEATMAP_JUXTAPOSITION
ALL = [
    (kind, member)
    for kind, members in CORE.enums().items()
    for member in members
    if member is not TableComparisonPlotType.TSNE_JUXTAPOSITION  # half a minute, and random
]
PLOTS = [(kind, member) for kind, member in ALL if "plot" in kind.value]


def by_artifact_core(
    resources: TableComparisonResources, kind: ResultKind, member: ArtifactType
) -> object:
    plt.close("all")  # it draws into the current figure, whoever's that is
    engine = TableComparisonEngine.build(resource_spec=resources.spec)
    produce: Callable[..., object] = getattr(engine, f"produce_dataset_comparison_{kind.value}")
    named = {f"{kind.value}_type": member}
    return produce(**named, dataset_real=resources.df_real, dataset_synthetic=resources.generated)


def plain(value: object) -> object:
    """To be compared: figures as their pixels."""
    if isinstance(value, Figure):
        return draw(value, dpi=40)
    if is_mapping(value):
        return {key: plain(each) for key, each in value.items()}
    return pytest.approx(value, rel=0, abs=1e-12)


def test_no_part_is_replaced_twice() -> None:
    """As by another thread at the same time, or again after a call that was interrupted."""
    replace_parts()
    path = "artifact_core._libs.artifacts.table_comparison.correlations.calculator"
    calculator = import_module(path).CorrelationCalculator
    before = calculator.compute_correlation_distance
    assert replace_parts.__wrapped__() == []
    assert calculator.compute_correlation_distance is before


def test_every_part_is_there_in_this_version() -> None:
    assert replace_parts() == []


def test_whatever_is_shared_is_what_artifact_core_computes_alone(
    resources: TableComparisonResources,
) -> None:
    comparison = Comparison(resources)
    ours = {(kind, m): comparison.compute(kind, m) for kind, m in [*ALL, *reversed(PLOTS)]}
    for (kind, member), value in ours.items():
        theirs = by_artifact_core(resources, kind, member)
        assert plain(theirs) == (plain(value) if "plot" in kind.value else value), member


@pytest.fixture
def own() -> Iterator[Figure]:
    """The user's current figure, with something in it."""
    figure, axes = plt.subplot_mosaic("a")
    drawn: Any = axes["a"]  # Any: matplotlib leaves its keywords open
    drawn.plot([0, 1], [1, 0])
    yield figure
    plt.close(figure)


@pytest.mark.parametrize(
    ("kind", "member"),
    [(k, m) for k, m in PLOTS if m.name.startswith("DESCRIPTIVE") or "ALIGN" not in m.name],
)
def test_no_artifact_touches_pyplot(
    kind: ResultKind,
    member: ArtifactType,
    resources: TableComparisonResources,
    own: Figure,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = plt.get_fignums(), dict(mpl.rcParams), mpl.get_backend(), draw(own)
    comparison = Comparison(resources)

    def refused(*_: object, **__: object) -> object:
        raise AssertionError("pyplot was used")

    with monkeypatch.context() as patched:
        for name in ("figure", "subplots", "gca", "gcf", "close", "sca", "switch_backend", "draw"):
            patched.setattr(plt, name, refused)
        thread = Thread(target=comparison.compute, args=(kind, member))
        thread.start()
        comparison.compute(kind, member)
        thread.join()
    assert (plt.get_fignums(), dict(mpl.rcParams), mpl.get_backend(), draw(own)) == before
    assert plt.gcf() is own


def test_elsewhere_artifact_core_is_as_it_was(
    resources: TableComparisonResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    Comparison(resources).compute(ResultKind.PLOT, HEATMAPS)
    closed: list[object] = []
    monkeypatch.setattr(plt, "close", closed.append)
    monkeypatch.setattr(present, "associations", None)  # not to be called
    by_artifact_core(resources, ResultKind.PLOT, HEATMAPS)
    assert [each for each in closed if each != "all"]
    monkeypatch.undo()
    plt.close("all")


def counted(monkeypatch: pytest.MonkeyPatch) -> list[pd.DataFrame]:
    """The tables whose correlations are computed."""
    tables: list[pd.DataFrame] = []
    compute = associations

    def count(table: pd.DataFrame, *args: Any, **given: Any) -> pd.DataFrame:
        tables.append(table)
        return compute(table, *args, **given)

    monkeypatch.setattr(present, "associations", count)
    return tables


def test_correlations_are_computed_once_for_each_table_and_once_for_the_real_one(
    resources: TableComparisonResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = counted(monkeypatch)

    def compare(with_: TableComparisonResources) -> None:
        comparison = Comparison(with_)
        comparison.compute(ResultKind.SCORE, TableComparisonScoreType.CORRELATION_DISTANCE)
        comparison.compute(ResultKind.PLOT, HEATMAPS)
        kind, member = ResultKind.PLOT_COLLECTION, TableComparisonPlotCollectionType
        comparison.compute(kind, member.CORRELATION_HEATMAPS)

    compare(resources)
    assert [len(table) for table in tables] == [60, 40]
    compare(
        TableComparisonResources(
            spec=resources.spec,
            df_real=resources.df_real,
            generated=resources.generated.iloc[:30],
            of_real=resources.of_real,
        )
    )
    assert [len(table) for table in tables] == [60, 40, 30]


def test_figures_are_each_rounds_own(resources: TableComparisonResources) -> None:
    def heatmap() -> object:
        member = TableComparisonPlotCollectionType.CORRELATION_HEATMAPS
        made = Comparison(resources).compute(ResultKind.PLOT_COLLECTION, member)
        assert is_mapping(made)
        return made["Real"]

    first, second = heatmap(), heatmap()
    assert first is not second
    assert plain(first) == plain(second)


def test_what_is_shared_is_not_changed_by_whoever_gets_it(
    resources: TableComparisonResources,
) -> None:
    comparison = Comparison(resources)
    member = TableComparisonScoreCollectionType.JS_DISTANCE
    first = comparison.compute(ResultKind.SCORE_COLLECTION, member)
    assert is_mapping(first)
    expected = dict(first)
    methodcaller("clear")(first)
    assert comparison.compute(ResultKind.SCORE_COLLECTION, member) == expected


def test_a_custom_artifact_may_change_its_tables(resources: TableComparisonResources) -> None:
    @TableComparisonScoreRegistry.register_custom_artifact("CHANGES_ITS_TABLES")
    class Changes(TableComparisonScore[ArtifactHyperparams]):
        def _compare_datasets(
            self, dataset_real: pd.DataFrame, dataset_synthetic: pd.DataFrame
        ) -> float:
            dataset_real["age"] = dataset_synthetic["visits"] = 0
            return 0.0

    assert Changes is not None
    comparison = Comparison(resources)
    member = TableComparisonScoreType.MEAN_JS_DISTANCE
    before = by_artifact_core(resources, ResultKind.SCORE, member)
    comparison.compute(ResultKind.SCORE, TableComparisonScoreType.CORRELATION_DISTANCE)
    comparison.compute(ResultKind.SCORE, "CHANGES_ITS_TABLES")
    assert comparison.compute(ResultKind.SCORE, member) == before


def test_what_ours_are_not_equal_for_is_left_to_dython(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = counted(monkeypatch)
    real = pd.DataFrame({"length": [1.5], "group": ["a"]})  # one row
    spec = TabularDataSpec.from_df(real, cts_features=["length"], cat_features=["group"])
    resources = TableComparisonResources(spec=spec, df_real=real, generated=real.iloc[::-1])
    member = TableComparisonScoreType.CORRELATION_DISTANCE
    assert Comparison(resources).compute(ResultKind.SCORE, member) == 0.0
    assert tables == []


def test_what_was_made_of_a_table_is_not_pickled(resources: TableComparisonResources) -> None:
    member = TableComparisonScoreType.CORRELATION_DISTANCE
    Comparison(resources).compute(ResultKind.SCORE, member)
    assert resources.of_real.made
    sent: Kept = pickle.loads(pickle.dumps(resources.of_real))  # noqa: S301  (our own)
    assert sent.made == {}


def test_an_artifact_that_raises_does_so_for_each_that_needs_it(
    resources: TableComparisonResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> pd.DataFrame:
        raise np.linalg.LinAlgError("no correlations")

    monkeypatch.setattr(present, "associations", broken)
    comparison = Comparison(resources)
    for _ in range(2):
        with pytest.raises(np.linalg.LinAlgError, match="no correlations"):
            comparison.compute(ResultKind.PLOT, HEATMAPS)
