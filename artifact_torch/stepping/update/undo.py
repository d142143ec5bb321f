"""Updates that can be taken back: an optimizer may move its parameters before a later number of the
same batch turns out not to be finite.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import final

import torch
from torch import Tensor

from artifact_torch.contracts import ClosureOptimizer, Optimizer
from artifact_torch.internal.narrowing import is_list
from artifact_torch.stepping.update.foreach import copy_


@final
class Undo:
    """A copy of the parameters of one optimizer and of what it keeps of them, from before an update.

    Costs one fused copy of both, and their memory again. Of lists in its state (those of `LBFGS`)
    the tensors themselves are not copied: torch's optimizers put new ones there. An optimizer that
    is not torch's is asked for its whole state instead.
    """

    def __init__(self, optimizer: Optimizer | ClosureOptimizer) -> None:
        self._optimizer = optimizer
        self._live: list[Tensor] = []
        self._kept: list[Tensor] = []
        self._of_torch: dict[object, dict[object, object]] = {}
        self._of_other: dict[str, object] = {}

    def keep(self, parameters: Sequence[Tensor]) -> None:
        """Before an update. Does not sync."""
        live = [*parameters]
        if isinstance(self._optimizer, torch.optim.Optimizer):
            of_torch = _entries(self._optimizer)
            live += [
                v for each in of_torch.values() for v in each.values() if isinstance(v, Tensor)
            ]
            self._of_torch = {key: _shallow(each) for key, each in of_torch.items()}
        else:
            self._of_other = deepcopy(dict(self._optimizer.state_dict()))
        with torch.no_grad():
            if [*map(id, live)] == [*map(id, self._live)]:
                copy_(self._kept, live)
            else:  # the first time, or the optimizer has made its state anew
                self._live, self._kept = live, [each.detach().clone() for each in live]

    def give_back(self) -> None:
        """What was done since `keep` is undone."""
        with torch.no_grad():
            copy_(self._live, self._kept)
        if isinstance(self._optimizer, torch.optim.Optimizer):
            own = _entries(self._optimizer)
            own.clear()
            own.update(self._of_torch)
        else:
            self._optimizer.load_state_dict(self._of_other)


def _entries(optimizer: torch.optim.Optimizer) -> dict[object, dict[object, object]]:
    """What it keeps of each parameter; torch leaves it untyped."""
    state: dict[object, dict[object, object]] = vars(optimizer)["state"]
    return state


def _shallow(state: Mapping[object, object]) -> dict[object, object]:
    return {key: [*value] if is_list(value) else value for key, value in state.items()}
