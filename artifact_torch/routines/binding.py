"""A routine together with what it validates, the model itself or its evaluation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, TypeAlias, final, runtime_checkable

from torch import nn
from typing_extensions import TypeVar

from artifact_torch.checking.places import check_contracts, optional_places
from artifact_torch.contracts import (
    ArtifactRoutine,
    Averaged,
    Clocked,
    Every,
    Moment,
    ResultName,
    Stateful,
)
from artifact_torch.errors import ContractError
from artifact_torch.internal.arguments import refuse, shown
from artifact_torch.internal.ranks import ranks
from artifact_torch.routines.results import Computed, checked, name_problems, names_due

ModelT = TypeVar("ModelT")

Compute: TypeAlias = Callable[[Collection[ResultName], Moment], object]
Within: TypeAlias = Callable[[], AbstractContextManager[None]]


@final
class BoundRoutine:
    """A routine that knows what it validates. Made by `bind`; the trainer makes those of loaders."""

    def __init__(
        self,
        routine: _Routine,
        compute: Compute,
        *,
        does: str,
        of: object = None,
        rebound: Callable[[Any], Compute] | None = None,  # Any: a model of the class of this one
    ) -> None:
        self.name: str = type(routine).__name__
        refuse(announced_problems(routine))
        self.of: object = of
        """What is validated: a model, or the step that evaluates it."""
        self.result_names: Sequence[ResultName] = tuple(routine.result_names)
        self.routine: _Routine = routine
        self._compute, self._rebound = compute, rebound
        self.does: str = does
        """The method that computes."""

    @property
    def held(self) -> Mapping[str, object]:
        """The routine, whose state is the run's."""
        return {"routine": self.routine}

    def on(self, of: object) -> BoundRoutine:
        """The same with a copy of the model."""
        if self._rebound is None:
            return self
        return BoundRoutine(self.routine, self._rebound(of), does=self.does, of=of)

    def due(self, moment: Moment, /) -> list[ResultName]:
        """What is to be computed. Raises `ValidationError` for an answer that is no such list."""
        return names_due(self.routine.due(moment), f"{self.name}.due", self.result_names)

    @property
    def cadences(self) -> Sequence[Every]:
        """When it is due within epochs."""
        return self.routine.cadences if isinstance(self.routine, Clocked) else ()

    def compute(self, names: Collection[ResultName], moment: Moment, /) -> Computed:
        """`names`, checked."""
        source = f"{moment}: {self.name}.{self.does}"
        return checked(
            self._compute(names, moment),
            source,
            self.result_names,
            names,
            needs_all=ranks().is_first,  # the others have no plots
        )

    def rehearse(self, moment: Moment, /) -> None:
        """All of it, for the errors alone."""
        returned = self._compute(self.result_names, moment)
        names = self.result_names
        # all are asked for, so that figures leave pyplot
        checked(returned, f"rehearsal: {self.name}.{self.does}", names, names, needs_all=False)


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

    def bound(of: ModelT) -> Compute:
        return lambda names, moment: routine.validate(of, names, moment)

    return BoundRoutine(routine, bound(model), does="validate", of=model, rebound=bound)


def averaging(step: object) -> AbstractContextManager[object]:
    """The averaged weights inside, for a step that has some."""
    return step.averaged() if isinstance(step, Averaged) else nullcontext()
