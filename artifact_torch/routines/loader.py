"""Callbacks over a loader."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, final

import torch

from artifact_torch.checking.places import Place, check_contracts
from artifact_torch.contracts import (
    ArtifactResults,
    BatchSource,
    InT,
    LoaderCallback,
    ResultKind,
    ResultName,
)
from artifact_torch.contracts.io import SeenOut_contra
from artifact_torch.contracts.routine import Array, ArrayCollection, ScoreCollection
from artifact_torch.data import to_device
from artifact_torch.errors import ConfigurationError, DataError
from artifact_torch.internal.arguments import listed, refuse
from artifact_torch.internal.cadence import is_due, require_cadence
from artifact_torch.internal.extras import from_extra

if TYPE_CHECKING:
    from artifact_torch.contracts.routine import Plot, PlotCollection


@final
class DataLoaderRoutine(Generic[InT, SeenOut_contra]):
    """One pass over `loader` every `every` epochs, and at the end, for callbacks of all six kinds.

    The trainer runs it in evaluation mode, without gradient, and with random numbers of its own.
    Spell the types out, `DataLoaderRoutine[VAEInput, VAEOutput](...)`: nothing here fixes the
    output's type.
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
        self._every = require_cadence(every, "DataLoaderRoutine: every (epochs)")
        given = {
            "scores": scores,
            "arrays": arrays,
            "plots": plots,
            "score_collections": score_collections,
            "array_collections": array_collections,
            "plot_collections": plot_collections,
        }
        refuse(
            [
                p
                for name, value in given.items()
                for p in listed(f"DataLoaderRoutine: {name}", value)
            ]
        )
        self._scores = tuple(scores)
        self._arrays = tuple(arrays)
        self._plots = tuple(plots)
        self._score_collections = tuple(score_collections)
        self._array_collections = tuple(array_collections)
        self._plot_collections = tuple(plot_collections)
        check_contracts(*self.contract_places)
        if not self.result_names:
            raise ConfigurationError(
                "DataLoaderRoutine: has no callback, so its pass would compute nothing; give it "
                "at least one, for example scores=[LossCallback('validation_loss')]"
            )

    @property
    def contract_places(self) -> Sequence[Place]:
        """Its loader and callbacks, which have to agree with the trainer's model."""
        return [
            ("loader", self._loader, BatchSource[InT]),
            *self._callback_places(),
        ]

    def _callback_places(self) -> Iterator[Place]:
        for score in self._scores:
            yield "scores", score, LoaderCallback[InT, SeenOut_contra, float]
        for array in self._arrays:
            yield "arrays", array, LoaderCallback[InT, SeenOut_contra, Array]
        for scores in self._score_collections:
            yield "score_collections", scores, LoaderCallback[InT, SeenOut_contra, ScoreCollection]
        for arrays in self._array_collections:
            yield "array_collections", arrays, LoaderCallback[InT, SeenOut_contra, ArrayCollection]
        if self._plots or self._plot_collections:
            with from_extra("tables", "a plot"):  # whoever plots has loaded it
                from matplotlib.figure import Figure

            for plot in self._plots:
                yield "plots", plot, LoaderCallback[InT, SeenOut_contra, Figure]
            for plots in self._plot_collections:
                yield (
                    "plot_collections",
                    plots,
                    LoaderCallback[InT, SeenOut_contra, Mapping[str, Figure]],
                )

    @property
    def result_names(self) -> Sequence[ResultName]:
        """One result per callback."""
        return [(kind, callback.name) for kind, callback in self._callbacks()]

    def is_due(self, epoch: int, /, *, final: bool) -> bool:
        """Every `every` epochs, and in the final round if the last epoch's own round had none."""
        return is_due(self._every, epoch, final=final)

    def run(
        self, forward: Callable[[InT], SeenOut_contra], device: torch.device, epoch: int, /
    ) -> ArtifactResults:
        """One pass. Raises `DataError` if the loader gives no batch."""
        callbacks = [callback for _, callback in self._callbacks()]
        for callback in callbacks:
            callback.start()
        n_batches = 0
        for loaded in self._loader.batches(epoch):
            batch = to_device(loaded, device)
            output = forward(batch)
            for callback in callbacks:
                callback.update(batch, output)
            n_batches += 1
        if n_batches == 0:
            raise DataError(
                f"loader of {[name for _, name in self.result_names]}: gave no batch in epoch "
                f"{epoch}; expected at least one; give it rows, or a smaller batch_size"
            )
        return self._finish()

    def _finish(self) -> ArtifactResults:
        return ArtifactResults(
            scores={each.name: each.finish() for each in self._scores},
            arrays={each.name: each.finish() for each in self._arrays},
            plots={each.name: each.finish() for each in self._plots},
            score_collections={each.name: each.finish() for each in self._score_collections},
            array_collections={each.name: each.finish() for each in self._array_collections},
            plot_collections={each.name: each.finish() for each in self._plot_collections},
        )

    def _callbacks(
        self,
    ) -> Iterator[tuple[ResultKind, LoaderCallback[InT, SeenOut_contra, object]]]:
        yield from ((ResultKind.SCORE, each) for each in self._scores)
        yield from ((ResultKind.ARRAY, each) for each in self._arrays)
        yield from ((ResultKind.PLOT, each) for each in self._plots)
        yield from ((ResultKind.SCORE_COLLECTION, each) for each in self._score_collections)
        yield from ((ResultKind.ARRAY_COLLECTION, each) for each in self._array_collections)
        yield from ((ResultKind.PLOT_COLLECTION, each) for each in self._plot_collections)
