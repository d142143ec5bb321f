"""One round of validation: everything that is due at an epoch, without a trace in the training."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Generic, final

import torch
from torch import nn

from artifact_torch.contracts import ArtifactResults, InT, LoaderRoutine, OutT, ResultName
from artifact_torch.internal.arguments import answer, refuse
from artifact_torch.internal.modules import evaluating
from artifact_torch.internal.randomness import derived_seed, isolated_rng
from artifact_torch.routines.binding import BoundRoutine
from artifact_torch.routines.results import checked, merged, name_problems, names_of, without


@final
class Validation(Generic[InT, OutT]):
    """Runs the due routines in evaluation mode, without gradient, each with its own random numbers.

    They depend on (seed, epoch, routine) alone, so a routine gives the same results whichever
    others are due, and the training the same bits whether anything is.
    """

    def __init__(
        self,
        module: nn.Module,
        *,
        forward_for: Callable[[int], Callable[[InT], OutT]],
        device: torch.device,
        loader_routines: Sequence[LoaderRoutine[InT, OutT]],
        artifact_routine: BoundRoutine | None,
        seed: int,
    ) -> None:
        refuse(
            [
                problem
                for routine in loader_routines
                for problem in name_problems(
                    routine.result_names, f"{type(routine).__name__}.result_names"
                )
            ]
        )
        self._module = module
        self._forward_for = forward_for  # the position of a loader routine
        self._device = device
        self._loader_routines = tuple(loader_routines)
        self._artifact_routine = artifact_routine
        self._seed = seed
        self._own_round: tuple[int, set[ResultName]] = (0, set())

    @property
    def result_names(self) -> list[ResultName]:
        """All that any routine can produce."""
        names = [name for routine in self._loader_routines for name in routine.result_names]
        return names + list(self._artifact_routine.result_names if self._artifact_routine else ())

    def run(self, epoch: int, *, final: bool) -> ArtifactResults:
        """What is due at `epoch`; in the final round, what the epoch's own round left out: what a
        routine computes again all the same is dropped.

        Raises `ValidationError` for an answer that is no bool, and for results that are not what
        their routine announced.
        """
        parts: list[ArtifactResults] = []
        for position, routine in enumerate(self._loader_routines):
            name = type(routine).__name__
            if answer(routine.is_due(epoch, final=final), f"{name}.is_due"):
                with self._apart(epoch, position):
                    results = routine.run(self._forward_for(position), self._device, epoch)
                source = f"epoch {epoch}: {name}.run"
                parts.append(checked(results, source, routine.result_names))
        bound = self._artifact_routine
        if bound is not None and answer(bound.is_due(epoch, final=final), f"{bound.name}.is_due"):
            with self._apart(epoch, -1):
                results = bound.validate(epoch, final=final)
            source = f"epoch {epoch}: {bound.name}.validate"
            parts.append(checked(results, source, bound.result_names))
        results = merged(parts)
        if final:
            epoch_before, names = self._own_round
            return without(results, names) if epoch_before == epoch else results
        self._own_round = epoch, names_of(results)
        return results

    @contextmanager
    def _apart(self, epoch: int, position: int) -> Generator[None]:
        seed = derived_seed(self._seed, epoch, position)
        with evaluating(self._module), isolated_rng(self._device, seed):
            yield
