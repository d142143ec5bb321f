"""Defects of the published package (0.1.5) that no other file tests; each docstring begins with
the defect's number, or its section, in the list they were collected in.

D10 (results keyed by class name) and D20's areas under curves concern callbacks on activations
and a domain that this package does not have; what can be said of them here is said.
"""

import gc
import logging
import math
import sys
from collections import UserDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NamedTuple, Protocol, TypeAlias, TypedDict, TypeGuard

import numpy as np
import pandas as pd
import pytest
import torch
from artifact_core.table_comparison import TableComparisonPlotType, TabularDataSpec
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor, nn, optim

from artifact_torch import (
    BatchRoutine,
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    OutputArrayCallback,
    OutputMeansCallback,
    PatienceStopper,
    Trainer,
    TrainLoss,
    bind,
    trainer_from_recipe,
)
from artifact_torch.contracts import (
    ArtifactResults,
    LoaderCallback,
    LoaderRoutine,
    Model,
    Moment,
    Result,
    ResultKind,
    ResultName,
    TrackingClient,
    TrainerRecipe,
    TrainingStep,
)
from artifact_torch.contracts.kinds import Array
from artifact_torch.data import to_device
from artifact_torch.errors import ConfigurationError, ContractError, DataError
from artifact_torch.table_comparison import TableComparisonPlan, TableComparisonResources
from artifact_torch.trainer.run import Run
from tests.toys import Batches, Fit, Points, Regression, points, seeded_regression
from tests.trainer.composed import Counts, untyped

SGD = partial(optim.SGD, lr=0.01)
CPU = torch.device("cpu")


def source() -> Batches:
    """20 rows in 4 batches."""
    return Batches(points(20), 5)


def trainer_of(
    model: Regression,
    *routines: LoaderRoutine[Points, Fit],
    n_epochs: int = 2,
    client: TrackingClient | None = None,
) -> Trainer[Points, Fit]:
    return Trainer(
        OptimizerStep(model, optimizer=SGD),
        train_loader=source(),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        callbacks=[BatchRoutine([Counts()])],
        tracking_clients=[] if client is None else [client],
        progress=False,
        routines=[*routines],
    )


# -- D3, D6: what stays behind -----------------------------------------------------------------


class Residuals:
    """Counts the rows of a pass; raises in the middle of the pass number `fails_in`."""

    def __init__(self, fails_in: int | None = None) -> None:
        self.name = "n_rows"
        self.fails_in = fails_in
        self.n_passes = 0
        self.n_rows = 0

    def start(self) -> None:
        self.n_passes += 1
        self.n_rows = 0

    def update(self, batch: Points, output: Fit) -> None:
        self.n_rows += len(output["residual"])
        if self.n_passes == self.fails_in and self.n_rows == 10:
            raise RuntimeError("cable pulled")

    def finish(self) -> float:
        return float(self.n_rows)


def is_dict(value: object) -> TypeGuard[dict[object, object]]:
    return isinstance(value, dict)


def traces(model: nn.Module) -> list[list[tuple[str, int]]]:
    """Per module the names of all it holds, and how many hooks, buffers, ... that are."""
    return [
        [(name, len(held) if is_dict(held) else 1) for name, held in sorted(vars(part).items())]
        for part in model.modules()
    ]


def counted_rows(callback: Residuals, every: int) -> DataLoaderRoutine[Points, Fit]:
    score_callback: LoaderCallback[Points, Fit, float] = callback
    return DataLoaderRoutine(source(), scores=[score_callback], every=every)


def test_no_hook_or_attribute_is_left_on_the_model() -> None:
    """D3: hooks attached for a period stay on for all of it, and after `train()` too."""
    model = seeded_regression()
    before = traces(model)
    trainer_of(model, counted_rows(Residuals(), every=5), n_epochs=12).train()
    assert traces(model) == before
    assert all(part.training for part in model.modules())
    assert torch.is_grad_enabled()


def test_a_period_looks_at_its_own_epoch_alone() -> None:
    """D3: period 5 over 12 epochs of 4 batches summed up 20 batches in place of 4."""
    result = trainer_of(
        seeded_regression(), counted_rows(Residuals(), every=5), n_epochs=12
    ).train()
    present = result.epoch_scores["n_rows"].dropna()
    assert list(present.index) == [5, 10, 12]
    assert [float(value) for value in present] == [20.0, 20.0, 20.0]


def test_after_an_exception_nothing_is_left_and_nothing_is_counted_twice() -> None:
    """D6: after an exception hooks stay on, and the next `train()` counts double."""
    model = seeded_regression()
    before = traces(model)
    trainer = trainer_of(model, counted_rows(Residuals(fails_in=2), every=1), n_epochs=3)
    with pytest.raises(RuntimeError, match="cable pulled"):
        trainer.train()
    assert traces(model) == before
    assert all(part.training for part in model.modules())
    assert torch.is_grad_enabled()
    scores = trainer.train().epoch_scores
    assert list(scores.index) == [1, 2, 3]
    assert [float(value) for value in scores["n_rows"]] == [20.0, 20.0, 20.0]


# -- D10, D12, D17, D19, D20, D21 --------------------------------------------------------------


def test_two_callbacks_of_one_class_are_two_results() -> None:
    """D10: results are keyed by a class's name, so that all layers of one class are one."""
    routine = DataLoaderRoutine(
        source(),
        scores=[LossCallback("first"), LossCallback("second")],
        arrays=[
            OutputArrayCallback("residuals", key="residual"),
            OutputArrayCallback("again", key="residual"),
        ],
        score_collections=[
            OutputMeansCallback("one", keys=["loss"]),
            OutputMeansCallback("other", keys=["residual"]),
        ],
    )
    result = trainer_of(seeded_regression(), routine).train()
    assert list(result.epoch_scores.columns) == ["first", "second"]
    assert {name: array.shape for name, array in result.arrays.items()} == {
        "residuals": (20,),
        "again": (20,),
    }
    assert [list(table.columns) for table in result.score_collections.values()] == [
        ["loss"],
        ["residual"],
    ]


class Given:
    """An artifact routine that gives the scores it is told, in epochs that `every` divides."""

    def __init__(self, *scores: float, every: int = 1) -> None:
        self.scores = list(scores)
        self.every = every

    @property
    def result_names(self) -> Sequence[ResultName]:
        return [(ResultKind.SCORE, "given")]

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return self.result_names if moment.epoch % self.every == 0 else []

    def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
        return ArtifactResults(scores={"given": self.scores[moment.epoch // self.every - 1]})


@pytest.mark.parametrize(
    ("given", "n_epochs"),
    [
        (Given(*[math.nan] * 9), 3),
        (Given(1.0, 1.0, 1.0, 1.0), 4),
        (Given(3.0, 2.0, 2.5, 2.5, 2.5, every=5), 25),
        (Given(1.0, math.nan, 1.0, math.nan, 0.0), 4),
    ],
    ids=["always NaN", "never better", "every 5 epochs", "NaN between"],
)
def test_patience_ends_a_run_and_counts_scores(given: Given, n_epochs: int) -> None:
    """D12: NaN never stops, and a score of every 5 epochs exhausts the patience at once."""
    model = seeded_regression()
    trainer = Trainer(
        OptimizerStep(model, optimizer=SGD),
        train_loader=source(),
        stop=[EpochBoundStopper(max_n_epochs=40), PatienceStopper("given", patience=3)],
        progress=False,
        routines=[bind(given, model)],
    )
    assert trainer.train().n_epochs_elapsed == n_epochs


class Pair(NamedTuple):
    left: Tensor
    right: Tensor


@dataclass(frozen=True)
class Record:
    x: Tensor
    label: str


class Graph:
    """Holds a tensor and cannot be rebuilt."""

    def __init__(self, nodes: Tensor) -> None:
        self.nodes = nodes


def test_containers_are_moved_as_what_they_are_or_refused() -> None:
    """D17: a named tuple comes back as a tuple; records and mappings stay where they are."""
    meta, x = torch.device("meta"), torch.zeros(2)
    pair = to_device({"pair": Pair(x, x)}, meta)["pair"]
    assert isinstance(pair, Pair)
    assert pair.right.device == meta
    record = to_device({"record": Record(x, "a")}, meta)["record"]
    assert (record.x.device, record.label) == (meta, "a")
    mapping = to_device({"mapping": UserDict({"x": x})}, meta)["mapping"]
    assert isinstance(mapping, UserDict)
    assert mapping["x"].device == meta
    with pytest.raises(DataError, match=r'batch\["graph"\]: got Graph, .* a method to\(device\)'):
        to_device({"graph": Graph(x)}, meta)


def test_validation_data_is_asked_for_only_by_a_routine() -> None:
    """D19: artifact data is required where nothing uses it, and dropped where it has no spec."""
    assert trainer_of(seeded_regression()).train().epoch_scores.shape == (2, 0)


class _Canvas(Protocol):
    """What is used of matplotlib's canvas, which leaves its methods untyped."""

    def draw(self) -> object: ...
    def buffer_rgba(self) -> memoryview: ...


def is_blank(canvas: _Canvas) -> bool:
    """Whether the picture is white all over."""
    canvas.draw()
    return bool((np.asarray(canvas.buffer_rgba()) == 255).all())


@pytest.mark.parametrize("plot", [TableComparisonPlotType.PDF, TableComparisonPlotType.CDF])
def test_combined_plots_can_be_drawn(plot: TableComparisonPlotType) -> None:
    """D20: artifact-core's combined plots fail with matplotlib 3.11, which is why it is pinned."""
    rng = np.random.default_rng(0)
    real = pd.DataFrame({"age": rng.normal(50.0, 9.0, 40), "group": ["a", "b"] * 20})
    spec = TabularDataSpec.from_df(real, cts_features=["age"], cat_features=["group"])
    resources = TableComparisonResources(spec=spec, df_real=real, generated=real[::-1])
    plan = TableComparisonPlan(plots=[plot])
    (result,) = plan.execute(resources, plan.result_names)
    assert isinstance(result, Result)
    assert isinstance(result.value, Figure)
    assert not is_blank(FigureCanvasAgg(result.value))


class Named:
    """A tracking client that keeps the names, and the rows of the score collections."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.rows: list[tuple[str, float]] = []

    def log_score(self, score: float, name: str) -> None: ...

    def log_array(self, array: Array, name: str) -> None:
        self.names.append(name)

    def log_plot(self, plot: Figure, name: str) -> None:
        self.names.append(name)

    def log_score_collection(self, score_collection: Mapping[str, float], name: str) -> None:
        self.rows.append((name, score_collection["EPOCH"]))

    def log_array_collection(self, array_collection: Mapping[str, Array], name: str) -> None:
        self.names.append(name)

    def log_plot_collection(self, plot_collection: Mapping[str, Figure], name: str) -> None:
        self.names.append(name)

    def log_file(self, path_source: str, name: str) -> None: ...


def test_every_result_reaches_the_client_with_its_epoch() -> None:
    """D21: backends number what they get 1, 2, 3 for the epochs 5, 10, 12."""
    client = Named()
    routine = DataLoaderRoutine(
        source(),
        scores=[LossCallback("LOSS"), LossCallback("LOSS_TRAIN")],
        arrays=[OutputArrayCallback("residuals", key="residual")],
        score_collections=[OutputMeansCallback("means", keys=["loss"])],
        every=5,
    )
    trainer_of(seeded_regression(), routine, n_epochs=12, client=client).train()
    assert client.names == [f"residuals_EPOCH_{epoch:06d}" for epoch in (5, 10, 12)]
    assert client.rows == [
        (name, epoch) for epoch in (5.0, 10.0, 12.0) for name in ("SCORES_BY_EPOCH", "means")
    ]


# -- 4.2: what costs without need --------------------------------------------------------------


def test_no_state_is_gathered_when_no_checkpoint_is_due(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """4.2: `state_dict()` is taken at every epoch, whether a checkpoint is due or not."""
    model = seeded_regression()
    trainer = Trainer(
        OptimizerStep(model, optimizer=SGD),
        train_loader=source(),
        stop=[EpochBoundStopper(max_n_epochs=11)],
        checkpointer=FolderCheckpointer(tmp_path, every=5, keep=None),
        progress=False,
    )
    original, taken = model.state_dict, list[int]()

    def counted() -> Mapping[str, object]:
        taken.append(1)
        return original()

    monkeypatch.setattr(model, "state_dict", counted)
    trainer.train()
    assert FolderCheckpointer(tmp_path, every=5).steps() == [20, 40, 44]
    # one to see that it can be saved, one a checkpoint, and the copy of the result
    assert len(taken) == 1 + 3 + 1


def test_nothing_is_copied_for_a_best_epoch_that_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """4.2: the tracker takes `state_dict()` of every epoch."""
    model = seeded_regression()
    trainer = Trainer(
        OptimizerStep(model, optimizer=SGD),
        train_loader=source(),
        stop=[EpochBoundStopper(max_n_epochs=4)],
        best=BestScoreTracker("given"),
        progress=False,
        routines=[bind(Given(2.0, 1.0, 3.0, 1.0), model)],
    )
    original, taken = model.state_dict, list[int]()

    def counted() -> Mapping[str, object]:
        taken.append(1)
        return original()

    monkeypatch.setattr(model, "state_dict", counted)
    assert trainer.train().best_epoch == 2
    assert len(taken) == 2 + 1


TraceFunction: TypeAlias = Callable[[FrameType, str, object], "TraceFunction"]


def instructions_of(work: Callable[[], object]) -> int:
    """How many instructions of Python code `work` runs: the same on every machine, since nobody else's
    garbage is collected meanwhile, whose callbacks would count.
    """
    count = 0

    def trace(frame: FrameType, event: str, _argument: object) -> TraceFunction:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before, collects = sys.gettrace(), gc.isenabled()
    gc.disable()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
        if collects:
            gc.enable()
    return count


def test_recording_an_epoch_costs_the_same_late_in_a_run() -> None:
    """4.2: the score cache is built anew at every epoch: 2.7 s for 2,000 epochs, and quadratic."""
    run, results = Run(), [Result(ResultKind.SCORE, f"score {i}", 1.0) for i in range(10)]
    moments = [Moment(epoch=epoch, step=epoch) for epoch in range(1, 201)]
    costs = [instructions_of(partial(run.record, moment, results)) for moment in moments]
    assert costs[0] > 0
    assert costs[-1] == costs[1]


def test_the_table_of_scores_is_made_once_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """4.2: a DataFrame is made at every epoch."""
    made: list[int] = []
    original = pd.DataFrame

    def counted(*columns: object, **named: object) -> pd.DataFrame:
        made.append(1)
        return untyped(original, *columns, **named)

    monkeypatch.setattr(pd, "DataFrame", counted)
    of_a_run = trainer_of(seeded_regression(), counted_rows(Residuals(), every=1), n_epochs=30)
    result = of_a_run.train()
    assert made == []
    for _ in range(2):
        assert len(result.scores) == len(result.epoch_scores) == 30
    assert len(made) == 2  # scores by moment, and by epoch


def n_tensors_with_a_graph() -> int:
    gc.collect()
    objects: list[object] = gc.get_objects()
    return sum(type(each) is Tensor and each.grad_fn is not None for each in objects)


def test_callbacks_keep_no_graph() -> None:
    """4.2: the loss of every batch is kept with its graph until the end of the pass."""
    model, before = seeded_regression(), n_tensors_with_a_graph()
    of_batches = TrainLoss()
    loss = LossCallback("loss")
    means = OutputMeansCallback("means", keys=["loss", "residual"])
    array = OutputArrayCallback("array", key="residual")
    for callback in (loss, means, array):
        callback.start()
    for step, batch in enumerate(source().batches(1), start=1):
        output: Fit = model(batch)
        of_batches.on_batch(step, batch, output)
        for callback in (loss, means, array):
            callback.update(batch, output)
        del output
    assert n_tensors_with_a_graph() == before
    assert of_batches.state_dict()["n_rows"] == 20
    assert array.finish().shape == (20,)


# -- 4.3, 4.4: what is wrong is said at build, in words ----------------------------------------


def pretend_int(value: object) -> TypeGuard[int]:
    """What an untyped configuration file does to the static checkers."""
    return value is not None


BY_CADENCE: list[Callable[[int], object]] = [
    lambda every: TrainLoss(every=every),
    lambda every: FolderCheckpointer("unused", every=every),
    lambda every: DataLoaderRoutine(source(), scores=[LossCallback("loss")], every=every),
    lambda every: TableComparisonPlan(plots=[TableComparisonPlotType.PDF], plots_every=every),
]


@pytest.mark.parametrize("build", BY_CADENCE)
@pytest.mark.parametrize("every", [0, -3, "x", 2.5, True])
def test_a_cadence_that_can_not_be_is_refused(
    build: Callable[[int], object], every: object
) -> None:
    """4.3: `LossCallback(period="x")` and periods of 0 or -3 are taken."""
    assert pretend_int(every)
    with pytest.raises(ConfigurationError, match=f"must be .*at least 1, got {every!r}"):
        build(every)


class Loss(TypedDict):
    loss: Tensor


class TwoInputs(nn.Module):
    """A model whose forward the trainer cannot call."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 1)

    def forward(self, points: Points, target: Tensor) -> Loss:
        residual: Tensor = self.layer(points["x"]) - target
        return Loss(loss=residual.square().mean())


def pretend_model(value: object) -> TypeGuard[Model[Points, Loss]]:
    return isinstance(value, nn.Module)


def test_a_forward_that_cannot_be_called_is_refused_at_build() -> None:
    """4.3: a forward with one more required parameter fails with the first batch."""
    model: object = TwoInputs()
    assert pretend_model(model)
    with pytest.raises(
        ContractError,
        match=r"(?s)model= TwoInputs does not satisfy.*target.*keys of the typed dict",
    ):
        Trainer(
            OptimizerStep(model, optimizer=SGD),
            train_loader=source(),
            stop=[EpochBoundStopper(max_n_epochs=1)],
        )


class Forgetful:
    """A recipe without `stop`, and with one hook misspelled."""

    def stepp(self, model: Model[Points, Fit]) -> TrainingStep[Points, Fit]:
        return OptimizerStep(model, optimizer=SGD)

    def best(self) -> None: ...
    def checkpointer(self) -> None: ...
    def callbacks(self) -> tuple[()]:
        return ()

    def train_loader_routine(self, loader: object, /) -> None: ...
    def validation_loader_routine(self, loader: object, /) -> None: ...


def pretend_recipe(value: object) -> TypeGuard[TrainerRecipe[Points, Fit]]:
    return value is not None


def test_forgotten_hooks_are_named() -> None:
    """4.4: `AttributeError: 'NoneType' object has no attribute 'build'` for a forgotten hook."""
    recipe: object = Forgetful()
    assert pretend_recipe(recipe)
    with pytest.raises(ContractError) as refused:
        trainer_from_recipe(recipe, seeded_regression(), train_loader=source())
    message = str(refused.value)
    assert message.startswith("recipe= Forgetful does not satisfy TrainerRecipe:")
    assert "stop: is missing" in message
    assert "step: is missing; rename stepp to step?" in message


def test_a_run_is_quiet_and_speaks_through_logging(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """4.6: the published trainer prints."""
    caplog.set_level(logging.INFO, logger="artifact_torch")
    model = seeded_regression()
    Trainer(
        OptimizerStep(model, optimizer=SGD),
        train_loader=source(),
        stop=[EpochBoundStopper(max_n_epochs=2)],
        routines=[bind(Given(0.5, 0.25), model)],
        progress=False,
        sanity=False,
    ).train()
    assert capfd.readouterr() == ("", "")
    _, *epochs, summary = caplog.messages
    assert epochs == ["epoch 1/2  step 4  given 0.5", "epoch 2/2  step 8  given 0.25"]
    assert summary.startswith("2 epochs completed: 2 epochs, 8 steps;")
