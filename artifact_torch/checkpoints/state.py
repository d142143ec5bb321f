"""The state of a run's parts: found once, and read back as the right type or a `CheckpointError`."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from typing import Final, Protocol, TypeAlias, final, runtime_checkable

from artifact_torch.checking.places import is_composed
from artifact_torch.checkpoints.trees import cloned
from artifact_torch.contracts import Stateful
from artifact_torch.errors import ArtifactTorchError, CheckpointError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.merging import as_merged
from artifact_torch.internal.narrowing import is_list, is_mapping, is_state_dict

_log = logging.getLogger(__name__)

OF_RANKS: Final = "of_ranks"
"""Beside the state of a part, where other processes had saved it: the states of some of them."""

Named: TypeAlias = tuple[str, object]


@runtime_checkable
class Holds(Protocol):
    """A pair that was checked where it was joined: its parts, by name."""

    @property
    def held(self) -> Mapping[str, object]: ...


@final
class StatefulParts:
    """Every part of a composition that has a state, under the way to it: `routines.1.scores`.

    Looks into what parts are made of; a part with a state of its own answers for all that is in
    it. A name that occurs again at its place is numbered from its second occurrence.
    """

    def __init__(self, parts: Iterable[Named]) -> None:
        self._parts = dict(_found("", parts))

    def state_dict(self, *, under: str = "") -> dict[str, object]:
        """The state of each part with its class, by the way to it; with `under`, of those there."""
        return {
            way: {"type": type(part).__name__, "state": state_of(part)}
            for way, part in self._parts.items()
            if way.startswith(under)
        }

    def load_state_dict(self, state_dict: Mapping[str, object], /, *, under: str = "") -> None:
        """Continue from `state_dict`. A part that it does not know, or that was of another class,
        starts afresh, which is logged. With `under`, only parts there.
        """
        for way, part in self._parts.items():
            if not way.startswith(under):
                continue
            saved = state_dict.get(way)
            if is_state_dict(saved) and saved.get("type") == type(part).__name__:
                load_part(part, read_copy(saved, "state"), way)
                _merge(part, saved.get(OF_RANKS), way)
            elif state_dict:
                was = f"of {saved.get('type')}" if is_state_dict(saved) else "without it"
                _log.warning(
                    "checkpoint: was written %s; %s (%s) starts afresh",
                    *(was, way, type(part).__name__),
                )
        for way in state_dict.keys() - self._parts.keys():
            _log.warning("checkpoint: holds the state of %s, which this run has not", way)

    def put_back(self, state_dict: Mapping[str, object], /) -> None:
        """What `state_dict` gave in this process, to all parts, also after one that raises."""
        with ExitStack() as last_first:
            for way, part in reversed(self._parts.items()):
                state = read(read(state_dict, way), "state")
                last_first.callback(load_part, part, state, way)


def _found(way: str, parts: Iterable[Named]) -> Iterator[tuple[str, Stateful]]:
    seen = Counter[str]()
    for name, part in parts:
        here = f"{way}{name}.{seen[name]}" if seen[name] else f"{way}{name}"
        seen[name] += 1
        if isinstance(part, type):
            continue
        if isinstance(part, Stateful):
            yield here, part
        elif isinstance(part, Holds):
            yield from _found(f"{here}.", part.held.items())
        elif is_composed(part):
            yield from _found(f"{here}.", [(n, each) for n, each, _ in part.contract_places])


def state_of(part: Stateful) -> dict[str, object]:
    """A part's own state. Raises `CheckpointError` for an answer that is no state."""
    state: object = part.state_dict()
    if not is_mapping(state):
        raise CheckpointError(
            f"{type(part).__name__}.state_dict: got {shown(state)}, expected a mapping of str to "
            "what it is made of; return a dict, an empty one where there is nothing to keep"
        )
    return {str(name): value for name, value in state.items()}


def load_part(part: Stateful, state: dict[str, object], where: str) -> None:
    """`part` continues from `state`, which is its own from now on. Raises `CheckpointError` for
    whatever it raises, with its name.
    """
    try:
        part.load_state_dict(state)
    except ArtifactTorchError:
        raise
    except Exception as error:  # a user's, or torch's
        raise CheckpointError(
            f"checkpoint: {where} does not take its state: {type(part).__name__}.load_state_dict "
            f"raised {type(error).__name__}: {error}; build the trainer as it was built then, or "
            "restore an earlier checkpoint"
        ) from error


def _merge(part: Stateful, states: object, where: str) -> None:
    """What a part had seen on these ranks is seen by this one; nothing, where there are none of them."""
    merged = as_merged(part)
    if not is_list(states) or merged is None:
        return
    seen = list[object]()
    for state in states:
        load_part(part, read_copy({"state": state}, "state"), where)
        seen.append(merged.seen())
    try:
        merged.merge(seen)
    except Exception as error:  # a user's
        raise CheckpointError(
            f"checkpoint: {where} does not take what it had seen on {len(seen)} processes: "
            f"{type(part).__name__}.merge raised {type(error).__name__}: {error}; let it take any "
            "number of them, none included, or restore on as many processes as saved it"
        ) from error


def read_copy(
    state: Mapping[str, object], key: str, *, but: Mapping[int, object] | None = None
) -> dict[str, object]:
    """A deep copy of the state dict kept under `key`, but for what is in `but` by its `id`. Raises
    `CheckpointError`.
    """
    copy = cloned(read(state, key), but=but)
    return copy if is_state_dict(copy) else {}


def read(state: Mapping[str, object], key: str) -> dict[str, object]:
    """The state dict kept under `key`. Raises `CheckpointError`."""
    value = state.get(key)
    if not is_state_dict(value):
        raise _wrong(state, key, "a state dict")
    return value


def read_int(state: Mapping[str, object], key: str) -> int:
    """The whole number kept under `key`. Raises `CheckpointError`."""
    value = state.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(state, key, "a whole number")
    return value


def read_float(state: Mapping[str, object], key: str) -> float | None:
    """The number kept under `key`, or None. Raises `CheckpointError`."""
    value = state.get(key)
    if value is None:
        return None
    if not isinstance(value, float | int) or isinstance(value, bool):
        raise _wrong(state, key, "a number or None")
    return float(value)


def _wrong(state: Mapping[str, object], key: str, expected: str) -> CheckpointError:
    got = f"got {type(state[key]).__name__}" if key in state else f"only {sorted(state)} is there"
    return CheckpointError(
        f'checkpoint: "{key}" must be {expected}, {got}; '
        "load a checkpoint that was written by the same composition of parts"
    )
