"""What optimizers move, compared with what the model is made of."""

from collections.abc import Sequence
from typing import final

from torch import Tensor, nn

from artifact_torch.contracts import ClosureOptimizer, Optimizer
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.narrowing import is_list


def parameters_of(optimizer: Optimizer | ClosureOptimizer) -> list[Tensor]:
    """All that its groups hold, in their order."""
    owned: list[Tensor] = []
    for group in optimizer.param_groups:
        parameters = group["params"]
        if is_list(parameters):
            owned += [each for each in parameters if isinstance(each, Tensor)]
    return owned


@final
class Owned:
    """The parameters of a model, and which of them one of its optimizers moves.

    Compared whenever an epoch begins: what was put into the model after its optimizers were built
    is moved by none of them.
    """

    def __init__(
        self, model: nn.Module, optimizers: Sequence[Optimizer | ClosureOptimizer]
    ) -> None:
        self._model = model
        self._optimizers = optimizers
        # the tensors are kept: an id of one that is gone could be another's
        self._built = {id(each): (name, each) for name, each in model.named_parameters()}

    def named(self, parameters: Sequence[Tensor]) -> list[tuple[str, Tensor]]:
        """With their names in the model; for those of elsewhere, what is known of them."""
        names = {id(each): name for name, each in self._model.named_parameters()}
        return [(names.get(id(p), f"a parameter {[*p.shape]}"), p) for p in parameters]

    def compare(self) -> None:
        """Raise `ConfigurationError` naming what no optimizer moves, though it is to be trained."""
        now = dict(self._model.named_parameters())
        present = {id(each) for each in now.values()}
        owned = {id(each) for one in self._optimizers for each in parameters_of(one)}
        gone = owned & self._built.keys() - present
        replaced = [
            name for key in self._built if key in gone and (name := self._built[key][0]) in now
        ]
        if replaced:
            raise ConfigurationError(
                f"model: {_listed(replaced)} replaced after the optimizer was built, which moves "
                "the old ones; load weights in place (without assign=True), or build the step after"
            )
        appeared = [
            name
            for name, each in now.items()
            if each.requires_grad and id(each) not in self._built and id(each) not in owned
        ]
        if appeared:
            raise ConfigurationError(
                f"model: {_listed(appeared)} made after the optimizer was built, which does not "
                "move them; make them in __init__, or run one batch through the model before the "
                "step is built"
            )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return f"parameter {shown} was" if len(names) == 1 else f"parameters {shown} were"
