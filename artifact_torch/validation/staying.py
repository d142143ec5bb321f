"""What is computed in the training though it was to be computed beside it, and why: told once."""

import logging
from dataclasses import replace
from typing import Final, final

from artifact_torch.validation.computing import computed
from artifact_torch.validation.jobs import Answer, Job, Target
from artifact_torch.validation.parcels import unpack
from artifact_torch.validation.rounds import Due

_log = logging.getLogger("artifact_torch")

FROM_HERE_ON: Final = "in the training from here on"


@final
class Staying:
    """Why routines, by their positions, are computed in the training."""

    def __init__(self) -> None:
        self.is_all: bool = False
        """Whether no process can be started, so that all are."""
        self._reasons: dict[int, str] = {}

    def reason(self, position: int) -> str | None:
        """Why; empty where it is computed beside, None where that is not known yet."""
        return self._reasons.get(position)

    def found(self, position: int, reason: str) -> None:
        """Not told."""
        self._reasons[position] = reason

    def keep(self, one: Due, reason: str, where: str = FROM_HERE_ON) -> None:
        """From now on it is computed in the training, which is told."""
        self._reasons[one.position] = reason
        names = ", ".join(f'"{name}"' for _, name in one.routine.result_names[:3])
        more = ", ..." if len(one.routine.result_names) > 3 else ""
        told = "validation beside training: %s (%s) is computed %s: %s"
        _log.warning(told, one.routine.name, names + more, where, reason)

    def keep_all(self, reason: str) -> None:
        """As `keep`, of all routines, unless there is no reason. Told once."""
        if reason and not self.is_all:
            self.is_all = True
            told = "validation beside training: all is computed in the training from here on: %s"
            _log.warning(told, reason)

    def close(self) -> None:
        """What was computed beside is asked for again by the next run."""
        self._reasons = {position: why for position, why in self._reasons.items() if why}


def computed_here(due: Due, job: Job, answer: Answer, staying: Staying) -> Answer:
    """What was sent, computed here by the same weights, since its process could not: it raised,
    or could not be started. Where it works, it stays here; else it is as it would have been.
    """
    try:
        target: Target = unpack(job.targets)[due.position]
    except Exception:  # noqa: BLE001  the folder is gone, or what is in it cannot be read twice
        return replace(answer, lost=answer.unable)
    try:
        results = computed(target.routine or due.routine.routine, target, job)
    except Exception as error:  # noqa: BLE001  it is raised where the run is
        staying.keep_all(answer.unable)
        return Answer(error=error)
    staying.keep_all(answer.unable)
    if answer.error is not None and not staying.reason(due.position):
        raised = f"{type(answer.error).__name__}: {answer.error}".removesuffix(": ")
        staying.keep(due, f"it raised in another process what it does not here ({raised})")
    return Answer(results=results)
