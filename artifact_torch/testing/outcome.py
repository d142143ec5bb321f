"""All that a run came to, as flat data, and the first difference between two runs."""

import fnmatch
import math
import pickle
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from artifact_torch.contracts import InT, OutT
from artifact_torch.internal.arguments import is_array
from artifact_torch.internal.narrowing import is_collection, is_list, is_mapping, is_tuple
from artifact_torch.testing.asked import Difference
from artifact_torch.trainer.result import TrainingResult
from artifact_torch.trainer.trainer import Trainer

Leaf: TypeAlias = Tensor | str
Outcome: TypeAlias = dict[str, Leaf]

_TIMED = ("run.", "log.")  # where measured times are, under these names
_UNLIKE = frozenset({"seconds", "time", "n_logged"})
"""How many rows a moment has in the log depends on when its scores were known."""


def outcome_of(trainer: Trainer[InT, OutT], result: TrainingResult) -> Outcome:
    """The state of the run and its result, each tensor and number under the way to it; no times."""
    told = {
        "stop_reason": result.stop_reason,
        "n_epochs_elapsed": result.n_epochs_elapsed,
        "n_steps": result.n_steps,
        "best_epoch": result.best_epoch,
        "best_step": result.best_step,
        "failures": dict(result.failures),
        "scores": _columns(result.scores),
        "score_collections": {n: _columns(f) for n, f in result.score_collections.items()},
        "best_weights": result.best_weights,
        "last_weights": result.last_weights,
        "averaged_weights": result.averaged_weights,
    }
    state = {"result": told, **trainer.state_dict()}
    return dict(_leaves("", {**state, "log": _merged(state.get("log"))}))


def _merged(log: object) -> list[object]:
    """One row for each moment, in their order: scores that are computed beside the training come as
    rows of their own, whenever they are there.
    """
    rows: dict[tuple[str, ...], dict[str, object]] = {}
    others: list[object] = []
    for row in log if is_list(log) else ():
        cells = list(row) if is_list(row) or is_tuple(row) else [row]
        scores = cells.pop()
        match cells:
            case [str(name), int(epoch), int(step), bool(ends)] if is_mapping(scores):
                key = (name, f"{step:020}", f"{epoch:020}", f"{ends}")
                rows.setdefault(key, {}).update({str(k): v for k, v in scores.items()})
            case _:
                others.append(row)
    return [*([*key, rows[key]] for key in sorted(rows)), *others]


def write_outcome(outcome: Outcome, path: Path) -> None:
    """For `read_outcome`, in another process of ours."""
    held = {where: _packed(leaf) for where, leaf in outcome.items()}
    path.write_bytes(pickle.dumps(held))


def read_outcome(path: Path) -> Outcome:
    """What `write_outcome` wrote."""
    held: dict[str, Any] = pickle.loads(path.read_bytes())  # noqa: S301  (our own file) Any: pickle's
    return {where: _unpacked(leaf) for where, leaf in held.items()}


def first_difference(
    expected: Outcome, got: Outcome, ignore: Sequence[str] = ()
) -> Difference | None:
    """In the order of the state; `ignore` are patterns as of a shell: `result.scores.rows_*`."""
    for where in {**expected, **got}:
        if any(fnmatch.fnmatchcase(where, pattern) for pattern in ignore):
            continue
        if where not in got or where not in expected:
            has, lacks = ("the uninterrupted run", "this one")[:: 1 if where in expected else -1]
            return Difference(where=where, text=f"{has} has it, {lacks} has not")
        if text := _differ(expected[where], got[where]):
            return Difference(where=where, text=text)
    return None


def _differ(expected: Leaf, got: Leaf) -> str:
    """In words; empty where both are the same, bit for bit."""
    if isinstance(expected, str) or isinstance(got, str):
        same = isinstance(expected, str) and isinstance(got, str) and expected == got
        return "" if same else f"{_word(expected)} in the uninterrupted run, {_word(got)} here"
    if (expected.shape, expected.dtype) != (got.shape, got.dtype):
        return f"{_word(expected)} in the uninterrupted run, {_word(got)} here"
    if torch.equal(_bits(expected), _bits(got)):
        return ""
    a, b = expected.reshape(-1), got.reshape(-1)
    size = a.element_size()
    unlike = (_bits(a) != _bits(b)).reshape(-1, size).any(dim=1)
    first = int(unlike.nonzero()[0])
    place = [int(n) for n in np.unravel_index(first, tuple(expected.shape))]
    most = float((a.to(torch.float64) - b.to(torch.float64)).abs().nan_to_num(math.inf).max())
    return (
        f"{place} is {a[first].item()!r} in the uninterrupted run, {b[first].item()!r} here; "
        f"{int(unlike.sum())} of {a.numel()} values differ, by {most:.3g} at most"
    )


def _word(leaf: Leaf) -> str:
    return leaf if isinstance(leaf, str) else f"a {leaf.dtype} of shape {tuple(leaf.shape)}"


def _bits(tensor: Tensor) -> Tensor:
    """As bytes: NaN equals NaN, and -0.0 is not 0.0."""
    return tensor.reshape(-1).contiguous().view(torch.uint8)


def _packed(leaf: Leaf) -> str | tuple[torch.dtype, tuple[int, ...], bytes]:
    if isinstance(leaf, str):
        return leaf
    return leaf.dtype, tuple(leaf.shape), _bits(leaf).numpy().tobytes()


def _unpacked(held: str | tuple[torch.dtype, tuple[int, ...], bytes]) -> Leaf:
    if isinstance(held, str):
        return held
    dtype, shape, data = held
    if not data:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape)


def _leaves(where: str, value: object) -> Iterator[tuple[str, Leaf]]:
    way = f"{where}." if where else ""
    if is_mapping(value):
        is_timed = way.startswith(_TIMED)
        for name, each in value.items():
            if not (is_timed and name in _UNLIKE):
                yield from _leaves(f"{way}{name}", each)
    elif is_list(value) or is_tuple(value):
        for position, each in enumerate(value):
            yield from _leaves(f"{way}{position}", each)
    elif isinstance(value, Tensor):
        yield where, value.detach().to("cpu", copy=True).to_dense()
    elif is_array(value):
        yield where, _of_array(value)
    elif is_collection(value) and type(value) in {set, frozenset}:
        yield where, _plain(sorted(map(repr, value)))
    else:
        yield where, _plain(value)


def _of_array(value: Any) -> Leaf:  # Any: an array of whatever
    return torch.tensor(value) if value.dtype.kind in "fiub" else _plain(value.tolist())


def _plain(value: object) -> str:
    """A number, a text, None; of anything else its class, whose address would differ."""
    text = repr(value)
    return type(value).__qualname__ if " at 0x" in text else text


def _columns(frame: Any) -> Mapping[str, object]:  # Any: pandas', which is not loaded for its name
    values = {str(name): frame[name].tolist() for name in frame.columns}
    return {"at": frame.index.tolist(), **values}
