"""What can be computed by another process, and why the rest cannot: found out once, and told once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, final

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from artifact_torch.checking.places import opened
from artifact_torch.contracts import AnyStep, Moment, Portable
from artifact_torch.internal.draws import is_ours
from artifact_torch.internal.ranks import ranks
from artifact_torch.routines.binding import BoundRoutine
from artifact_torch.validation.jobs import Job, Target
from artifact_torch.validation.parcel_folder import ParcelFolder
from artifact_torch.validation.parcels import (
    pack,
    packed,
    require_packable,
    unsendable,
    why_it_stays,
)
from artifact_torch.validation.rounds import Due
from artifact_torch.validation.staying import Staying
from artifact_torch.validation.whole_model import WholeModel, is_divided

_CPU: Final = torch.device("cpu")


@final
class Sendable:
    """Routines, each written to a file once, and what they are computed of, at each moment.

    Of several processes it is the first one's; of a model that they share it sends the copy that is
    whole, in which the weights have to be.
    """

    def __init__(self, step: AnyStep, whole: WholeModel, *, only_ours: bool) -> None:
        self._step, self._whole, self._only_ours = step, whole, only_ours
        self.staying: Staying = Staying()
        self.routines: dict[int, Path] = {}
        """By position, those that can be sent."""
        self.folder: ParcelFolder = ParcelFolder()
        self._goes_along: set[int] = set()

    def needs_whole(self, due: Sequence[Due]) -> bool:
        """Whether any of it is computed of the copy that is whole."""
        return any(self._is_of_divided(each.routine) for each in due)

    def why_not(self, one: Due) -> str:
        """Empty where it can be; told once."""
        why = self.staying.reason(one.position)
        if why is None:
            why = self._found(one)
            if why and not self._only_ours:
                self.staying.keep(one, why, "in the training itself")
            else:
                self.staying.found(one.position, why)
        return why

    def jobs(self, going: Sequence[Due], moment: Moment) -> Sequence[Job]:
        """One for each, with the weights as they are. Raises what the pickling of anybody's part
        raises, or a disk that is full.
        """
        targets: Mapping[int, Target] = {
            each.position: replace(self._target(each.routine), routine=each.routine.routine)
            if each.position in self._goes_along
            else self._target(each.routine)
            for each in going
        }
        file = self.folder.new_file("weights")
        try:
            pack(targets, file)
        except Exception:
            file.unlink(missing_ok=True)
            raise
        return [
            Job(
                routine=self.routines[each.position],
                targets=file,
                position=each.position,
                names=each.names,
                moment=moment,
                seed=each.seed,
            )
            for each in going
        ]

    def close(self) -> None:
        """The files go, and what was sent is asked for again by the next run."""
        self.routines = {}
        self.staying.close()
        self.folder.close()

    def _found(self, one: Due) -> str:
        bound = one.routine
        parts = [part for _, part, _ in opened([("routine", bound.routine, object)])]
        if self._only_ours and not all(map(is_ours, parts)):
            return "a part of it is not of this package"
        if why := self._of_several(bound) or self._why_it_stays(bound, parts):
            return why
        target = self._target(bound)
        if target.of is None:
            return "its optimizer keeps two sets of weights"
        return self._written(one, target)

    def _of_several(self, bound: BoundRoutine) -> str:
        if ranks().is_alone:
            return ""
        if bound.does == "run":
            return "all processes of the run make its pass together"
        is_whole = self._is_of_divided(bound) or not _is_shared(bound.of)
        return "" if is_whole else "its model is shared by the processes of the run"

    def _why_it_stays(self, bound: BoundRoutine, parts: Sequence[object]) -> str:
        step = self._step
        if self._is_of_divided(bound):
            return why_it_stays(_CPU, self._whole.room(step.model), parts)
        return why_it_stays(step.device, step.model, parts)

    def _written(self, one: Due, target: Target) -> str:
        """Why it cannot be."""
        bound, model = one.routine, self._step.model
        changing = [*model.modules(), self._step]
        try:
            content, holds_model = packed(bound.routine, changing, [*model.state_dict().values()])
            require_packable(target)
        except Exception as error:  # noqa: BLE001  whatever the pickling of anybody's part raises
            where = unsendable(bound.routine) or unsendable(target.of)
            return f"{where or 'it'} cannot be pickled ({type(error).__name__}: {error})"
        if holds_model and self._is_of_divided(bound):
            return "it holds the model, which the processes of the run share"
        if holds_model:
            self._goes_along.add(one.position)
        try:
            file = self.folder.new_file("routine")
            file.write_bytes(content)
        except OSError as error:
            return f"it cannot be written to a temporary folder ({error})"
        self.routines[one.position] = file
        return ""

    def _target(self, bound: BoundRoutine) -> Target:
        step = self._step
        if self._is_of_divided(bound):
            return Target(does=bound.does, of=self._whole.room(step.model))
        if bound.does == "validate":
            return Target(does=bound.does, of=bound.of)
        of = step.evaluator() if isinstance(step, Portable) else step.evaluate
        return Target(does=bound.does, of=of)

    def _is_of_divided(self, bound: BoundRoutine) -> bool:
        return bound.of is self._step.model and is_divided(self._step.model)


def _is_shared(of: object) -> bool:
    """Whether its forward pass may be one of all processes."""
    return isinstance(of, nn.Module) and (
        is_divided(of) or any(isinstance(part, DistributedDataParallel) for part in of.modules())
    )
