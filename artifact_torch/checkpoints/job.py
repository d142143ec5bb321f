"""What one save writes of a state, but for the tensors themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

from artifact_torch.checkpoints.encoding import Encoded, encoded
from artifact_torch.checkpoints.of_ranks import encoded_beside
from artifact_torch.contracts import Moment
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.narrowing import is_list, is_state_dict
from artifact_torch.internal.ranks import ranks


@final
@dataclass(frozen=True, kw_only=True)
class Job:
    """What is written, but for the tensors, which are in the snapshot, and the log's rows."""

    moment: Moment
    document: object
    offsets: Mapping[str, tuple[int, ...]]
    """Where the parts of this rank begin in their wholes."""
    shapes: Mapping[str, tuple[int, ...]]
    """Of these wholes."""
    has_log: bool
    best_step: int | None
    """Its checkpoint stays, however old."""


def job_of(moment: Moment, state: Mapping[str, object], held: Encoded) -> Job:
    """Of a state that was encoded."""
    return Job(
        moment=moment,
        document=held.document,
        offsets=held.offsets,
        shapes=held.shapes,
        has_log="log" in state,
        best_step=_best_step(state),
    )


def split(state: Mapping[str, object]) -> tuple[Encoded, list[object] | None]:
    """The state without its log, as far as this rank writes it, and the log. Raises
    `CheckpointError` for what could not be loaded back.
    """
    rows = state.get("log")
    if "log" in state and not is_list(rows):
        raise CheckpointError(
            f'checkpoint: state["log"] must be a list that only grows, got {shown(rows)}'
        )
    rest = {key: each for key, each in state.items() if key != "log"}
    rank = ranks().rank
    held = encoded_beside(rest, rank) if rank else encoded(rest)
    return held, rows if is_list(rows) else None


def _best_step(state: Mapping[str, object]) -> int | None:
    run = state.get("run")
    match run.get("best") if is_state_dict(run) else None:
        case (int(), int(step)):
            return step
        case _:
            return None
