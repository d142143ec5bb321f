"""Callbacks over a loader."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING, Generic, final

import torch

from artifact_torch.checking.places import Place
from artifact_torch.contracts import (
    Batches,
    BatchSource,
    Every,
    InT,
    LoaderCallback,
    Moment,
    Result,
    ResultKind,
    ResultName,
    TakesPart,
    Watching,
)
from artifact_torch.contracts.io import SeenOut_contra
from artifact_torch.contracts.kinds import Array, ArrayCollection, ScoreCollection
from artifact_torch.data import CheckedSource, as_source, to_device
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import listed, refuse
from artifact_torch.internal.cadence import cadence_problems
from artifact_torch.internal.extras import from_extra
from artifact_torch.internal.merging import merging_problems
from artifact_torch.routines.shared import named, shared_pass

if TYPE_CHECKING:
    from artifact_torch.contracts.routine import Plot, PlotCollection


@final
class DataLoaderRoutine(Generic[InT, SeenOut_contra]):
    """One pass over `loader` for callbacks of all six kinds, as often as `every` says, and at the
    end: `every=2` means epochs, `steps(500)` and `minutes(10)` say otherwise.

    The trainer runs it in evaluation mode, without gradient, and with random numbers of its own.
    """

    def __init__(
        self,
        loader: Batches[InT],
        *,
        scores: Sequence[LoaderCallback[InT, SeenOut_contra, float]] = (),
        arrays: Sequence[LoaderCallback[InT, SeenOut_contra, Array]] = (),
        plots: Sequence[LoaderCallback[InT, SeenOut_contra, Plot]] = (),
        score_collections: Sequence[LoaderCallback[InT, SeenOut_contra, ScoreCollection]] = (),
        array_collections: Sequence[LoaderCallback[InT, SeenOut_contra, ArrayCollection]] = (),
        plot_collections: Sequence[LoaderCallback[InT, SeenOut_contra, PlotCollection]] = (),
        every: Every = 1,
    ) -> None:
        by_kind: dict[ResultKind, Sequence[LoaderCallback[InT, SeenOut_contra, object]]] = {
            ResultKind.SCORE: scores,
            ResultKind.ARRAY: arrays,
            ResultKind.PLOT: plots,
            ResultKind.SCORE_COLLECTION: score_collections,
            ResultKind.ARRAY_COLLECTION: array_collections,
            ResultKind.PLOT_COLLECTION: plot_collections,
        }
        problems = cadence_problems("every", every)
        for kind, given in by_kind.items():
            problems += listed(f"{kind.value}s", given)
        refuse([f"DataLoaderRoutine: {problem}" for problem in problems])
        self._callbacks = [(kind, each) for kind, given in by_kind.items() for each in given]
        if not self._callbacks:
            raise ConfigurationError(
                "DataLoaderRoutine: has no callback, so its pass would compute nothing; give it "
                "at least one, for example scores=[LossCallback('validation_loss')]"
            )

        self._loader = as_source(loader, "loader of DataLoaderRoutine")
        self._source = CheckedSource(self._loader, "loader of DataLoaderRoutine")
        self.cadences: Sequence[Every] = (every,)
        """When it is due."""

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
        """All of them, or none; at the end of the run all."""
        is_due = moment.ends_run or any(moment.reaches(each) for each in self.cadences)
        return self.result_names if is_due else ()

    @property
    def cannot_be_shared(self) -> Sequence[str]:
        """Why not by several processes, each over its own rows: in words, for each callback."""
        return [problem for _, each in self._callbacks for problem in merging_problems(each)]

    def run_shared(
        self,
        evaluate: Callable[[InT], SeenOut_contra],
        part: TakesPart[InT] | None,
        device: torch.device,
        names: Collection[ResultName],
        moment: Moment,
        /,
    ) -> Sequence[Result]:
        """As `run`, by all ranks together: each over its part of a batch, or where there is no `part`
        over the batches of its own loader. The results are of all rows; plots come on the first alone.
        """
        asked = [(kind, each) for kind, each in self._callbacks if (kind, each.name) in names]
        return shared_pass(asked, self._batches(moment, part), evaluate, part, device)

    def _batches(self, moment: Moment, part: TakesPart[InT] | None = None) -> Iterator[InT]:
        """Of the epoch in progress; before training, of the first. Of a rehearsal one."""
        batches = self._source.batches(max(moment.epoch + (not moment.ends_epoch), 1), 0, part)
        return islice(batches, 1) if moment.is_rehearsal else batches

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
        for kind, callback in asked:
            with named(callback, "start", kind):
                callback.start()
        with ExitStack() as hooks:
            for kind, callback in asked:
                if isinstance(callback, Watching):
                    with named(callback, "watching", kind):
                        hooks.enter_context(callback.watching())
            for loaded in self._batches(moment):
                batch = to_device(loaded, device)
                output = evaluate(batch)
                for kind, callback in asked:
                    with named(callback, "update", kind):
                        callback.update(batch, output)
                del output  # its memory is free for the next one
        results = list[Result]()
        for kind, each in asked:
            with named(each, "finish", kind):
                results.append(Result(kind, each.name, each.finish()))
        return results
