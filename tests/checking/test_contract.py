"""What `check_contract` says about models, word for word."""

import logging
from collections.abc import Callable
from types import ModuleType

import pytest

from artifact_torch.checking import check_contract, require_contract, solve_contract
from artifact_torch.contracts import AnyModel, Model
from artifact_torch.errors import ContractError

Load = Callable[[str], ModuleType]

NO_TYPED_DICT = "Tensor is not a typed dict"
NEEDED = f'must return Out (some ModelOutput): Tensor is not a typed dict with the keys "loss"'

FORWARDS = {
    "(self, x: In) -> Out": [],
    "(self, x: In, /) -> Out": [],
    "(self, x: In, t: float = 1.0, *, flag: bool = False) -> Out": [],
    "(self, *args: Any, **kwargs: Any) -> Out": [],
    "(self, x: object) -> Out": [],
    "(self, x: Mapping[str, object]) -> Out": [],
    "(self, x: 'In') -> 'Out': # strings": [],
    "(self, x: In, target: Tensor) -> Out": [
        "forward: requires target, which no caller passes; give target a default [parameter-extra]"
    ],
    "(self, x: In, *, target: Tensor) -> Out": [
        "forward: requires target, which no caller passes; give target a default [parameter-extra]"
    ],
    "(self, *, x: In) -> Out": [],
    "(self) -> Out": [],
    "(self, x: Tensor) -> Out": [],
    "(self, x: dict[str, Tensor]) -> Out": [],
    "(self, x: In) -> Tensor": [],
    "(self, x: In) -> Out | None": [],
    "(self, x: In) -> dict[str, Tensor]": [],
    "(self, x: In) -> tuple[Tensor, Out]": [],
    "(self, x: In) -> NoLoss": [],
    "(self, x: In) -> MayLoss": [],
    "(self, x: In) -> ReadLoss": [],
    "(self, x: In) -> FloatLoss": [],
    "(self, x: In) -> ArrayLoss": [],
    "(self, x: In) -> ParameterLoss": [],
    "(self, x: In)": [],
    "(self, x) -> Out": [],
    "(self, x: In) -> Any": [],
}
