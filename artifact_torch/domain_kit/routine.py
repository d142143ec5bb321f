"""A routine of any domain: a plan over splits, and what a model is asked of each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Generic, Protocol, final

from typing_extensions import TypeVar

from artifact_torch.checking.places import Place
from artifact_torch.contracts import ArtifactPlan, Every, Failure, Moment, Result, ResultName
from artifact_torch.domain_kit.domain import Domain, Resources
from artifact_torch.domain_kit.splits import PlannedSplits, SplitT

ModelT = TypeVar("ModelT")
"""The contract of the domain: what a model has beside `forward`."""


class _Planned(Protocol):
    """What of a plan over splits is the same for any split and any resources."""

    @property
    def result_names(self) -> Sequence[ResultName]: ...
    @property
    def cadences(self) -> Sequence[Every]: ...
    def due(self, moment: Moment, /) -> Sequence[ResultName]: ...


@final
class DomainRoutine(Generic[ModelT]):
    """An `ArtifactRoutine` that computes what of `plan` is due, for each of `splits` that is, of
    `resources_of(model, split)`, which is called once a validation for each of those splits.

    `contract_of(model)` is what a model has to be to be bound: the contract of `resources_of`'s first
    parameter. The splits are named "train", "validation" and "test", and a result's name is the plan's
    with `_TRAIN`, `_VAL` or `_TEST`; another name raises `ConfigurationError`. At the end of the run
    every split takes part.
    """

    def __init__(
        self,
        domain: Domain[Resources],
        plan: ArtifactPlan[Resources],
        splits: Mapping[str, SplitT | None],
        resources_of: Callable[[ModelT, SplitT], Resources],
        /,
        *,
        contract_of: Callable[[object], object],
    ) -> None:
        from artifact_torch.checking.annotations.forms import subscripted

        planned = PlannedSplits(plan, splits)

        def computed(
            model: ModelT, names: Collection[ResultName], moment: Moment
        ) -> Sequence[Result | Failure]:
            return planned.execute(names, moment, partial(resources_of, model))

        self._planned: _Planned = planned
        self._computed = computed
        self._plan: Place = ("plan", plan, subscripted(ArtifactPlan, domain.resources))
        self._contract_of = contract_of

    def contract_of(self, model: object, /) -> object:
        """The contract that the model has to meet."""
        return self._contract_of(model)

    @property
    def contract_places(self) -> Sequence[Place]:
        """Its plan."""
        return [self._plan]

    @property
    def result_names(self) -> Sequence[ResultName]:
        """The plan's names, once for each split."""
        return self._planned.result_names

    @property
    def cadences(self) -> Sequence[Every]:
        """Those of its splits and its plan."""
        return self._planned.cadences

    def due(self, moment: Moment, /) -> Sequence[ResultName]:
        """What is due of the plan, for each split whose turn it is; at the end for every split."""
        return self._planned.due(moment)

    def validate(
        self, model: ModelT, names: Collection[ResultName], moment: Moment, /
    ) -> Sequence[Result | Failure]:
        """`names`. Raises `ValidationError` for unfit results of the plan, and what `resources_of`
        raises.
        """
        return self._computed(model, names, moment)
