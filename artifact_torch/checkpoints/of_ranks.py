"""What each rank of a run has by itself in a checkpoint: its random numbers, and its parts of what
is divided.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from artifact_torch.checkpoints.encoding import Encoded, encoded
from artifact_torch.checkpoints.rng import derived_rng
from artifact_torch.checkpoints.sharded import is_sharded
from artifact_torch.checkpoints.state import OF_RANKS
from artifact_torch.checkpoints.trees import items_of
from artifact_torch.internal.narrowing import is_mapping, is_state_dict
from artifact_torch.internal.ranks import Ranks


def of_rank(rank: int) -> str:
    """Under which key of a document what it has by itself stands."""
    return f"rank {rank}"


def encoded_beside(state: Mapping[str, object], rank: int) -> Encoded:
    """What a rank other than the first writes of `state`: its parts of the tensors that are divided,
    and under `rank 1` what may differ from what the first has: random numbers, the states of parts
    (sums over its own rows), and of a model that is divided what is not (the statistics of norms).
    """
    whole, own = encoded(state), encoded({of_rank(rank): _own(state)})
    parts = {name: each for name, each in whole.tensors.items() if name in whole.offsets}
    return Encoded(own.document, {**parts, **own.tensors}, whole.offsets, {})


def with_own(
    state: dict[str, object],
    n_saved: int,
    own: Callable[[int], Mapping[str, object]],
    here: Ranks,
) -> dict[str, object]:
    """The first rank's `state` as that of this one; `own` reads what another of `n_saved` ranks had
    by itself.

    By as many ranks as had saved it, each goes on with what it had. By more or fewer: a generator of
    random numbers that was the same on all ranks still is, and of another kind the first rank has
    its own, the others one that is made of it and their number; what the parts had seen of the rows
    is dealt out, for `StatefulParts` to merge.
    """
    if here.size == n_saved:
        mine: Mapping[str, object] = {} if here.is_first else own(here.rank)
        return {key: _over(each, mine.get(key)) for key, each in state.items()}
    saved = [state, *(own(rank) for rank in range(1, n_saved))]
    made, (rng, parts) = {**state}, (state.get("rng"), state.get("parts"))
    if is_state_dict(rng) and not here.is_first:
        made["rng"] = _derived(rng, [each.get("rng") for each in saved], here)
    if is_state_dict(parts):
        dealt = [each.get("parts") for each in saved[here.rank :: here.size]]
        made["parts"] = {way: _dealt(each, way, dealt) for way, each in parts.items()}
    return made


def _dealt(first: object, way: str, parts: Sequence[object]) -> object:
    found = [each.get(way) for each in parts if is_state_dict(each)]
    own = [each.get("state") for each in found if is_mapping(each)]
    return {**first, OF_RANKS: own} if is_mapping(first) else first


def _over(first: object, own: object) -> object:
    """Of mappings by name."""
    if not is_mapping(own):
        return first
    return {**first, **own} if is_mapping(first) else own


def _derived(
    first: Mapping[str, object], others: Sequence[object], here: Ranks
) -> dict[str, object]:
    made = derived_rng(first, here.rank, here.size)
    return {
        kind: each
        if all(is_mapping(other) and _same(each, other.get(kind)) for other in others)
        else made.get(kind)
        for kind, each in first.items()
    }


def _same(one: object, other: object) -> bool:
    if isinstance(one, Tensor):
        return isinstance(other, Tensor) and torch.equal(one, other)
    return one == other


def _own(state: Mapping[str, object]) -> dict[str, object]:
    parts, model = state.get("parts"), state.get("model")
    own: dict[str, object] = {"rng": state.get("rng")}
    if is_mapping(parts):
        own["parts"] = {way: each for way, each in parts.items() if not _is_divided(each)}
    if is_mapping(model) and _is_divided(model):
        own["model"] = {name: each for name, each in model.items() if not is_sharded(each)}
    return own


def _is_divided(value: object) -> bool:
    """Whether there is a part of a tensor in it."""
    inside = value.values() if is_mapping(value) else items_of(value) or []
    return is_sharded(value) or any(map(_is_divided, inside))
