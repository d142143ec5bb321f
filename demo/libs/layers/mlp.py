"""A stack of `LinBnDrop` layers."""

from collections.abc import Sequence
from itertools import pairwise
from typing import final

from torch import Tensor, nn

from demo.libs.layers.lin_bn_drop import LinBnDrop


@final
class MLP(nn.Module):
    """A multi-layer perceptron: `[batch, n_in]` to `[batch, layer_sizes[-1]]`.

    Every layer is a hidden layer (with activation and dropout); the head that follows is the
    caller's. Without layer sizes it is the identity.
    """

    def __init__(self, n_in: int, layer_sizes: Sequence[int], *, dropout: float) -> None:
        super().__init__()
        sizes = (n_in, *layer_sizes)
        self.n_out = sizes[-1]
        self.layers = nn.Sequential(*(LinBnDrop(i, o, dropout=dropout) for i, o in pairwise(sizes)))

    def forward(self, x: Tensor) -> Tensor:
        """The last layer's activations, `[batch, n_out]`."""
        activations: Tensor = self.layers(x)
        return activations
