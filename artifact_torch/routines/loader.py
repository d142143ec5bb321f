"""Callbacks over a loader."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, final

import torch

from artifact_torch.checking.places import Place
from artifact_torch.contracts import (
    BatchSource,
    InT,
    LoaderCallback,
    Moment,
    Result,
    ResultKind,
    ResultName,
)
from artifact_torch.contracts.io import SeenOut_contra
from artifact_torch.contracts.routine import Array, ArrayCollection, ScoreCollection
from artifact_torch.data import CheckedSource, to_device
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import integer, listed, refuse
from artifact_torch.internal.extras import from_extra

if TYPE_CHECKING:
    from artifact_torch.contracts.routine import Plot, PlotCollection


@final
class DataLoaderRoutine(Generic[InT, SeenOut_contra]):
    """One pass over `loader` every `every` epochs, and at the end, for callbacks of all six kinds.

    The trainer runs it in evaluation mode, without gradient, and with random numbers of its own.
    """

    def __init__(
        self,
        loader: BatchSource[InT],
        *,
        scores: Sequence[LoaderCallback[InT, SeenOut_contra, float]] = (),
        arrays: Sequence[LoaderCallback[InT, SeenOut_contra, Array]] = (),
        plots: Sequence[LoaderCallback[InT, SeenOut_contra, Plot]] = (),
        score_collections: Sequence[LoaderCallback[InT, SeenOut_contra, ScoreCollection]] = (),
        array_collections: Sequence[LoaderCallback[InT, SeenOut_contra, ArrayCollection]] = (),
        plot_collections: Sequence[LoaderCallback[InT, SeenOut_contra, PlotCollection]] = (),
        every: int = 1,
    ) -> None:
        self._loader = loader
        self._every = every
        by_kind: dict[ResultKind, Sequence[LoaderCallback[InT, SeenOut_contra, object]]] = {
            ResultKind.SCORE: scores,
            ResultKind.ARRAY: arrays,
            ResultKind.PLOT: plots,
            ResultKind.SCORE_COLLECTION: score_collections,
            ResultKind.ARRAY_COLLECTION: array_collections,
            ResultKind.PLOT_COLLECTION: plot_collections,
        }
        problems = integer("every (epochs)", every, least=1)
        for kind, given in by_kind.items():
            problems += listed(f"{kind.value}s", given)
        refuse([f"DataLoaderRoutine: {problem}" for problem in problems])
        self._callbacks = [(kind, each) for kind, given in by_kind.items() for each in given]
        if not self._callbacks:
            raise ConfigurationError(
                "DataLoaderRoutine: has no callback, so its pass would compute nothing; give it "
                "at least one, for example scores=[LossCallback('validation_loss')]"
            )

        self._source = CheckedSource(loader, "loader of DataLoaderRoutine")

    @property
    def contract_places(self) -> Sequence[Place]:
        """Its loader and callbacks, which have to agree with the trainer's step."""
        contracts: dict[ResultKind, object] = {
            ResultKind.SCORE: LoaderCallback[InT, SeenOut_contra, float],
            ResultKind.ARRAY: LoaderCallback[InT, SeenOut_contra, Array],
            ResultKind.SCORE_COLLECTION: LoaderCallback[InT, SeenOut_contra, ScoreCollection],
            ResultKind.ARRAY_COLLECTION: LoaderCallback[InT, SeenOut_contra, ArrayCollection],
        }
        if not contracts.keys() >= {kind for kind, _ in self._callbacks}:
            with from_extra("tables", "a plot"):  # whoever plots has loaded it
                from matplotlib.figure import Figure

            contracts[ResultKind.PLOT] = LoaderCallback[InT, SeenOut_contra, Figure]
            contracts[ResultKind.PLOT_COLLECTION] = LoaderCallback[
                InT, SeenOut_contra, Mapping[str, Figure]
            ]
        callbacks = [(f"{kind.value}s", each, contracts[kind]) for kind, each in self._callbacks]
        return [("loader", self._loader, BatchSource[InT]), *callbacks]

    @property
    def result_names(self) -> Sequence[ResultName]:
        """One result per callback."""
        return [(kind, callback.name) for kind, callback in self._callbacks]

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        """All of them every `every` epochs, and at the end of the run."""
        is_due = moment.ends_run or moment.epoch % self._every == 0
        return self.result_names if is_due else ()

    def run(
        self,
        evaluate: Callable[[InT], SeenOut_contra],
        device: torch.device,
        names: Collection[ResultName],
        moment: Moment,
        /,
    ) -> Sequence[Result]:
        """One pass for the callbacks that `names` asks for. Raises `DataError` for no batch."""
        asked = [(kind, each) for kind, each in self._callbacks if (kind, each.name) in names]
        callbacks = [callback for _, callback in asked]
        for callback in callbacks:
            callback.start()
        for loaded in self._source.batches(moment.epoch):
            batch = to_device(loaded, device)
            output = evaluate(batch)
            for callback in callbacks:
                callback.update(batch, output)
        return [Result(kind, each.name, each.finish()) for kind, each in asked]
