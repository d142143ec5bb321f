"""An artifact routine together with the model it validates."""

from collections.abc import Callable, Sequence
from typing import Protocol, final, runtime_checkable

from typing_extensions import TypeVar

from artifact_torch.checking.places import check_contracts
from artifact_torch.contracts import ArtifactResults, ArtifactRoutine, ResultName
from artifact_torch.internal.arguments import refuse
from artifact_torch.routines.results import name_problems

ModelT = TypeVar("ModelT")


@final
class BoundRoutine:
    """What `bind` gives: an artifact routine that knows its model. Made by `bind` alone."""

    def __init__(
        self,
        *,
        name: str,
        model: object,
        result_names: Sequence[ResultName],
        is_due: Callable[[int, bool], bool],
        validate: Callable[[int, bool], ArtifactResults],
    ) -> None:
        refuse(name_problems(result_names, f"{name}.result_names"))
        self.name: str = name
        self.model: object = model
        self.result_names: tuple[ResultName, ...] = tuple(result_names)
        self._is_due = is_due
        self._validate = validate

    def is_due(self, epoch: int, /, *, final: bool) -> bool:
        """Whether `validate` would compute anything."""
        return self._is_due(epoch, final)

    def validate(self, epoch: int, /, *, final: bool) -> ArtifactResults:
        """Compute what is due."""
        return self._validate(epoch, final)


@runtime_checkable
class _AsksOfModel(Protocol):
    """A routine that says by itself what a model needs, where its annotations cannot."""

    @property
    def model_contract(self) -> object: ...


def bind(routine: ArtifactRoutine[ModelT], model: ModelT) -> BoundRoutine:
    """Pair an artifact routine with the model it validates; a pair that does not fit is refused."""
    from artifact_torch.checking.annotations.forms import is_protocol
    from artifact_torch.checking.contract import of_types, solve_contract

    check_contracts(("routine", routine, ArtifactRoutine))
    if isinstance(routine, _AsksOfModel):
        check_contracts(("model", model, routine.model_contract))
    else:
        check_contracts(("routine", routine, of_types(ArtifactRoutine, type(model))))
        asked = solve_contract(routine, ArtifactRoutine).get("Model")
        if is_protocol(asked):  # an attribute is there or not on the object alone
            check_contracts(("model", model, asked))
    return BoundRoutine(
        name=type(routine).__name__,
        model=model,
        result_names=routine.result_names,
        is_due=lambda epoch, final: routine.is_due(epoch, final=final),
        validate=lambda epoch, final: routine.validate(model, epoch, final=final),
    )
