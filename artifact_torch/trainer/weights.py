"""The weights of a model, by value."""

import copy
from collections.abc import Mapping

from torch import Tensor, nn

from artifact_torch.checkpoints.sharded import filled, is_sharded, whole
from artifact_torch.checkpoints.weights import plain
from artifact_torch.internal.ranks import ranks


def copied(module: nn.Module) -> dict[str, object]:
    """The weights, which later updates cannot change: tensors cloned to the CPU. By the names of
    the plain model, also where parts of it are compiled.
    """
    state: Mapping[str, object] = module.state_dict()
    return {
        plain(name): value.detach().to("cpu", copy=True)
        if isinstance(value, Tensor)
        else copy.deepcopy(value)
        for name, value in state.items()
    }


def wholly(weights: Mapping[str, object]) -> Mapping[str, object] | None:
    """What `copied` gave: all of each tensor on the first rank, None on the others; as it is where none
    is divided. A collective where one is.
    """
    if not any(map(is_sharded, weights.values())):
        return weights
    made: dict[str, object] = {}
    for name, each in weights.items():  # one at a time: the others have no room for all
        found = whole(each) if isinstance(each, Tensor) else each
        if ranks().is_first:
            made[name] = found
    return made if ranks().is_first else None


def load_copied(module: nn.Module, weights: Mapping[str, object]) -> None:
    """Put what `copied` gave into `module`. Tensors that are divided among processes are filled where
    they are, by what this one has of them; a collective where the weights were divided in another way.
    """
    given = {plain(name): value for name, value in weights.items()}
    state: dict[str, object] = module.state_dict()  # for the versions of modules that are beside it
    for name in [*state]:
        own = state.pop(name)
        if plain(name) in given:
            saved = given.pop(plain(name))
            state[name] = filled(own, saved) if is_sharded(own) or is_sharded(saved) else saved
    module.load_state_dict({**state, **given} if given else state)
