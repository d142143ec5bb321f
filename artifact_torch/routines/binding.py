"""A routine together with what it validates, the model itself or its evaluation; and one round of
all that are due, without a trace in the training.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from typing import Protocol, TypeAlias, final, runtime_checkable

import torch
from torch import nn
from typing_extensions import TypeVar

from artifact_torch.checking.places import check_contracts, optional_places
from artifact_torch.contracts import (
    ArtifactRoutine,
    Failure,
    Moment,
    Result,
    ResultName,
    Stateful,
)
from artifact_torch.errors import ContractError
from artifact_torch.internal.arguments import refuse, shown
from artifact_torch.internal.randomness import derived_seed, isolated_rng
from artifact_torch.routines.results import Computed, checked, name_problems, names_due

ModelT = TypeVar("ModelT")

Compute: TypeAlias = Callable[[Collection[ResultName], Moment], object]


@final
class BoundRoutine:
    """A routine that knows what it validates. Made by `bind`; the trainer makes those of loaders."""

    def __init__(
        self, routine: _Routine, compute: Compute, *, does: str, model: object = None
    ) -> None:
        self.name: str = type(routine).__name__
        refuse(announced_problems(routine))
        self.model: object = model
        self.result_names: Sequence[ResultName] = tuple(routine.result_names)
        self._routine = routine
        self._compute = compute
        self._does = does

    @property
    def held(self) -> Mapping[str, object]:
        """The routine, whose state is the run's."""
        return {"routine": self._routine}

    def due(self, moment: Moment, /) -> list[ResultName]:
        """What is to be computed. Raises `ValidationError` for an answer that is no such list."""
        return names_due(self._routine.due(moment), f"{self.name}.due", self.result_names)

    def compute(self, names: Collection[ResultName], moment: Moment, /) -> Computed:
        """`names`, checked."""
        source = f"epoch {moment.epoch}: {self.name}.{self._does}"
        return checked(self._compute(names, moment), source, self.result_names, names)


@runtime_checkable
class _Announces(Protocol):
    """What says which results it can produce."""

    @property
    def result_names(self) -> Sequence[ResultName]: ...


def announced_problems(routine: object) -> list[str]:
    """What is wrong with the names that a routine announces, in words; with none, its contract
    says so.
    """
    if not isinstance(routine, _Announces) or isinstance(routine, type):
        return []
    return name_problems(routine.result_names, f"{type(routine).__name__}.result_names")


class _Routine(_Announces, Protocol):
    """What every routine has."""

    def due(self, moment: Moment, /) -> Collection[ResultName]: ...


@runtime_checkable
class _AsksOfModel(Protocol):
    """A routine that says by itself what a model needs, where its annotations cannot."""

    def contract_of(self, model: object, /) -> object: ...


def _is_model_alone(part: object) -> bool:
    return isinstance(part, nn.Module) and not isinstance(part, ArtifactRoutine)


def bind(routine: ArtifactRoutine[ModelT], model: ModelT) -> BoundRoutine:
    """Pair an artifact routine with the model it validates; a pair that does not fit is refused."""
    from artifact_torch.checking.annotations.forms import is_protocol, subscripted
    from artifact_torch.checking.contract import solve_contract

    if _is_model_alone(routine):
        raise ContractError(
            f"routine: got {shown(routine)}, which is a model; the routine comes first: "
            "bind(routine, model)"
        )
    refuse(announced_problems(routine))
    state = [place for place in optional_places("routine", routine) if place[2] is Stateful]
    check_contracts(("routine", routine, ArtifactRoutine), *state)
    if isinstance(routine, _AsksOfModel):
        check_contracts(("model", model, routine.contract_of(model)))
    else:
        check_contracts(("routine", routine, subscripted(ArtifactRoutine, type(model))))
        asked = solve_contract(routine, ArtifactRoutine).get("Model")
        if is_protocol(asked):  # an attribute is there or not on the object alone
            check_contracts(("model", model, asked))
    return BoundRoutine(
        routine,
        lambda names, moment: routine.validate(model, names, moment),
        does="validate",
        model=model,
    )


@final
@dataclass(frozen=True)
class Validation:
    """Runs the due routines in evaluation mode, without gradient, each with its own random numbers.

    They depend on (seed, epoch, routine) alone, so a routine gives the same results whichever
    others are due, and the training the same bits whether anything is.
    """

    module: nn.Module
    _: KW_ONLY
    device: torch.device
    routines: Sequence[BoundRoutine]
    seed: int

    @property
    def result_names(self) -> list[ResultName]:
        """All that any routine can produce."""
        return [name for routine in self.routines for name in routine.result_names]

    def run(self, moment: Moment, *, computed: Collection[ResultName] = ()) -> Computed:
        """What is due at `moment` and not `computed` yet: a result or a failure for each name.

        Raises `ValidationError` for results that are not what their routine announced.
        """
        results: list[Result | Failure] = []
        for position, routine in enumerate(self.routines):
            names = [name for name in routine.due(moment) if name not in computed]
            if names:
                seed = derived_seed(self.seed, moment.epoch, position)
                with _evaluating(self.module), isolated_rng(self.device, seed):
                    results += routine.compute(names, moment)
        return results


@contextmanager
def _evaluating(module: nn.Module) -> Generator[None]:
    """Evaluation mode and no gradient inside; every submodule's own mode is restored after.

    A batch norm that a model of one's own leaves out of its `train()` stays out of it.
    """
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        for part, mode in modes:
            part.training = mode
