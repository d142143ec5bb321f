"""Linear, batch normalisation, LeakyReLU and dropout as one layer."""

from typing import final

from torch import Tensor, nn
from torch.nn import functional


@final
class LinBnDrop(nn.Module):
    """A hidden layer: linear, batch normalisation, LeakyReLU, dropout, in this order.

    `[batch, n_in]` to `[batch, n_out]`. A batch of one row has no variance: it is normalised
    with the running statistics in training mode too, so that no table's last batch is too small.
    """

    def __init__(self, n_in: int, n_out: int, *, dropout: float) -> None:
        super().__init__()
        self.linear = nn.Linear(n_in, n_out)
        self.norm = nn.BatchNorm1d(n_out)
        self.activation = nn.LeakyReLU()
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """The activations, `[batch, n_out]`."""
        activations: Tensor = self.dropout(self.activation(self._normalised(self.linear(x))))
        return activations

    def _normalised(self, x: Tensor) -> Tensor:
        norm = self.norm
        if len(x) == 1:
            mean, variance = norm.running_mean, norm.running_var
            return functional.batch_norm(x, mean, variance, norm.weight, norm.bias, eps=norm.eps)
        normalised: Tensor = norm(x)
        return normalised
