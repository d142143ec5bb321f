"""One round of validation: everything that is due at an epoch, without a trace in the training."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Generic, final

import torch
from torch import nn

from artifact_torch.contracts import ArtifactResults, InT, LoaderRoutine, OutT, ResultName
from artifact_torch.errors import ValidationError
from artifact_torch.history import merged, names_of
from artifact_torch.modules import evaluating
from artifact_torch.randomness import derived_seed, isolated_rng
from artifact_torch.routines.artifact import BoundRoutine


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
        forward: Callable[[InT], OutT],
        device: torch.device,
        loader_routines: Sequence[LoaderRoutine[InT, OutT]],
        artifact_routine: BoundRoutine | None,
        seed: int,
    ) -> None:
        self._module = module
        self._forward = forward
        self._device = device
        self._loader_routines = tuple(loader_routines)
        self._artifact_routine = artifact_routine
        self._seed = seed

    @property
    def result_names(self) -> list[ResultName]:
        """All that any routine can produce."""
        names = [name for routine in self._loader_routines for name in routine.result_names]
        return names + list(self._artifact_routine.result_names if self._artifact_routine else ())

    def run(self, epoch: int, *, final: bool) -> ArtifactResults:
        """What is due at `epoch`; in the final round, what the epoch's own round left out.

        Raises `ValidationError` for a result that its routine did not announce.
        """
        parts: list[ArtifactResults] = []
        for position, routine in enumerate(self._loader_routines):
            if routine.is_due(epoch, final=final):
                with self._apart(epoch, position):
                    parts.append(routine.run(self._forward, self._device, epoch))
        if self._artifact_routine is not None and self._artifact_routine.is_due(epoch, final=final):
            with self._apart(epoch, -1):
                parts.append(self._artifact_routine.validate(epoch, final=final))
        results = merged(parts)
        if unannounced := set(names_of(results)) - set(self.result_names):
            listed = sorted(f'{kind.value} "{name}"' for kind, name in unannounced)
            raise ValidationError(
                f"epoch {epoch}: {', '.join(listed)} came from a routine that does not list it; "
                "add it to the routine's result_names"
            )
        return results

    @contextmanager
    def _apart(self, epoch: int, position: int) -> Generator[None]:
        seed = derived_seed(self._seed, epoch, position)
        with evaluating(self._module), isolated_rng(self._device, seed):
            yield
