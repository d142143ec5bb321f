"""Linear, batch normalisation, LeakyReLU and dropout as one layer."""

from typing import final

from torch import Tensor, nn


@final
class LinBnDrop(nn.Module):
    """A hidden layer: linear, batch normalisation, LeakyReLU, dropout, in this order.

    `[batch, n_in]` to `[batch, n_out]`. In training mode a batch must have at least two rows
    (batch normalisation needs a variance).
    """

    def __init__(self, n_in: int, n_out: int, *, dropout: float) -> None:
        super().__init__()
        self.linear = nn.Linear(n_in, n_out)
        self.norm = nn.BatchNorm1d(n_out)
        self.activation = nn.LeakyReLU()
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """The activations, `[batch, n_out]`."""
        activations: Tensor = self.dropout(self.activation(self.norm(self.linear(x))))
        return activations
