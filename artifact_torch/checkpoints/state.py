"""Reading back a state dict whose parts are `object`: the right type or a `CheckpointError`."""

import logging
from collections.abc import Mapping

from artifact_torch.contracts import Stateful
from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_state_dict

_log = logging.getLogger(__name__)


def read(state: Mapping[str, object], key: str) -> dict[str, object]:
    """The state dict kept under `key`. Raises `CheckpointError`."""
    value = state.get(key)
    if not is_state_dict(value):
        raise _wrong(state, key, "a state dict")
    return value


def read_int(state: Mapping[str, object], key: str) -> int:
    """The whole number kept under `key`. Raises `CheckpointError`."""
    value = state.get(key)
    if not isinstance(value, int):
        raise _wrong(state, key, "a whole number")
    return value


def read_float(state: Mapping[str, object], key: str) -> float | None:
    """The number kept under `key`, or None. Raises `CheckpointError`."""
    value = state.get(key)
    if value is None:
        return None
    if not isinstance(value, float | int):
        raise _wrong(state, key, "a number or None")
    return float(value)


def state_of(part: object) -> Mapping[str, object]:
    """The state of a part that has one (`Stateful`), under its class's name; else nothing."""
    return {type(part).__name__: part.state_dict()} if isinstance(part, Stateful) else {}


def restore_state(part: object, state: dict[str, object]) -> None:
    """Give `state` back to a part that has one (`Stateful`).

    A part of another class than the one that was saved starts afresh, which is logged.
    """
    if not isinstance(part, Stateful):
        return
    if type(part).__name__ in state:
        part.load_state_dict(read(state, type(part).__name__))
    elif state:
        _log.warning(
            "checkpoint: holds the state of %s; %s starts afresh", *state, type(part).__name__
        )


def _wrong(state: Mapping[str, object], key: str, expected: str) -> CheckpointError:
    got = f"got {type(state[key]).__name__}" if key in state else f"only {sorted(state)} is there"
    return CheckpointError(
        f'checkpoint: "{key}" must be {expected}, {got}; '
        "load a checkpoint that was written by the same composition of parts"
    )
