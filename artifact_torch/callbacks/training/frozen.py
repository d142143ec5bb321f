"""Parts of a model that are not trained for a while."""

from collections.abc import Mapping, Sequence
from typing import Final, final, overload

from torch import nn

from artifact_torch.contracts import AnyStep, Every, Moment, ResultName
from artifact_torch.errors import CheckpointError, ConfigurationError
from artifact_torch.internal.arguments import refuse, shown
from artifact_torch.internal.cadence import cadence_problems
from artifact_torch.models.with_forward import model_name


@final
class Frozen:
    """Keeps the parameters of a part of the model as they are, `until` a moment or `since` one.

    `Frozen(model.backbone, until=3)` trains it from the fourth epoch on; `since=steps(500)` leaves
    it alone after 500 updates; `minutes(10)` goes by the time in `train()`. With `until` it freezes
    when it is made: build the step before, with all parameters, since an optimizer moves only those
    it was given. A parameter that was frozen by hand stays so. Only parameters are frozen: the
    running statistics of a BatchNorm inside go on moving, and dropout goes on dropping, unless the
    part is put into evaluation mode.

    Raises `ConfigurationError` unless exactly one of the two is given, or where nothing is left to
    freeze.
    """

    @overload
    def __init__(self, module: nn.Module, /, *, until: Every) -> None: ...

    @overload
    def __init__(self, module: nn.Module, /, *, since: Every) -> None: ...

    def __init__(
        self, module: nn.Module, /, *, until: Every | None = None, since: Every | None = None
    ) -> None:
        refuse(_problems(module, until, since))
        at = since if until is None else until
        self.every: Final[Every] = 1 if at is None else at  # one is given: see above
        """Its place in the run is the first of the moments that come round so often."""
        self.result_names: Final[Sequence[ResultName]] = ()
        self._module = module
        self._name = type(module).__name__
        self._thaws = until is not None
        # Names, as an assignment or a load_state_dict may put another parameter into the place.
        self._names = {name for name, p in module.named_parameters() if p.requires_grad}
        self._is_frozen = False
        self._set(frozen=self._thaws)

    def on_moment(self, step: AnyStep, moment: Moment, /) -> Mapping[str, float]:
        """Raises `ConfigurationError` for a part of another model."""
        own = {id(p) for p in step.model.parameters()}
        if not all(id(p) in own for p in self._module.parameters()):
            raise ConfigurationError(
                f"Frozen: {self._name} is not part of {model_name(step.model)}, the model that "
                "is trained; give it a part of that, such as model.backbone"
            )
        if not moment.is_rehearsal:
            self._set(frozen=_is_past(moment, self.every) is not self._thaws)
        return {}

    def state_dict(self) -> Mapping[str, object]:
        """Whether it is frozen."""
        return {"is_frozen": self._is_frozen}

    def load_state_dict(self, state_dict: dict[str, object], /) -> None:
        frozen = state_dict.get("is_frozen")
        if not isinstance(frozen, bool):
            raise CheckpointError(
                f'checkpoint: "is_frozen" must be True or False, got {shown(frozen)}; load a '
                "checkpoint that was written by the same composition of parts"
            )
        self._set(frozen=frozen)

    def _set(self, *, frozen: bool) -> None:
        """Nothing where it is so already: what was done by hand since then stays."""
        if frozen is self._is_frozen:
            return
        self._is_frozen = frozen
        for name, parameter in self._module.named_parameters():
            if name in self._names:
                parameter.requires_grad_(not frozen)
                parameter.grad = None  # else an optimizer's momentum could go on moving it


def _is_past(moment: Moment, at: Every) -> bool:
    if isinstance(at, int):
        return moment.epoch >= at
    match at.unit:
        case "steps":
            return moment.step >= at.n
        case "minutes":
            return moment.reaches(at) or moment.seconds >= 60 * at.n


def _problems(module: object, until: object, since: object) -> list[str]:
    if not isinstance(module, nn.Module):
        got = f"Frozen: got {shown(module)}, expected a torch.nn.Module"
        return [f"{got}; give it a part of the model, such as model.backbone"]
    if (until is None) is (since is None):
        both = "neither" if until is None else "both"
        got = f"Frozen: got {both} of until= and since=, expected one"
        return [f"{got}; until=3 trains it after 3 epochs, since=3 no longer after 3"]
    name, at = ("since", since) if until is None else ("until", until)
    problems = cadence_problems(f"Frozen: {name}", at)
    if not any(p.requires_grad for p in module.parameters()):
        problems.append(
            f"Frozen: {type(module).__name__} has no parameter that is trained; was it frozen by "
            "hand, or by a Frozen of an earlier trainer? module.requires_grad_(True) undoes that"
        )
    return problems
