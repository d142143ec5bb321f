"""What each rank of a run has by itself in a checkpoint: its random numbers, and its parts of what
is divided.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from artifact_torch.checkpoints.encoding import Encoded, encoded
from artifact_torch.checkpoints.rng import derived_rng
from artifact_torch.checkpoints.sharded import is_sharded
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

    By as many ranks as had saved it, each goes on with what it had. By more or fewer, all have the
    parts of the first; a generator of random numbers that was the same on all ranks still is, and
    of another kind the first rank has its own, the others one that is made of it and their number.
    """
    if here.is_first:
        return state
    if here.size == n_saved:
        mine = own(here.rank)
        return {key: _over(each, mine.get(key)) for key, each in state.items()}
    rng = state.get("rng")
    if not is_state_dict(rng):
        return state
    others = [own(rank).get("rng") for rank in range(1, n_saved)]
    return {**state, "rng": _derived(rng, others, here)}


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
