"""Whether the saved state of a training step is one of this step: whatever is shaped like the state
of an optimizer in it, and what the steps of this package keep beside.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias, final

from torch import Tensor, nn

from artifact_torch.checkpoints.moments import AnyOptimizer, parameters_by_group
from artifact_torch.checkpoints.optimizers import is_optimizer_state, optimizer_misfits
from artifact_torch.checkpoints.trees import (
    DAMAGED,
    REBUILD,
    cloned,
    is_finite_number,
    is_number,
    is_whole,
    items_of,
    misfit,
    named,
    told,
    tree_misfits,
    whole,
)
from artifact_torch.checkpoints.weights import not_finite, plain, trained_names
from artifact_torch.internal.narrowing import is_list, is_mapping, is_state_dict
from artifact_torch.models.with_forward import model_name

State: TypeAlias = Mapping[object, object]

_SCALER: Final = ("scale", "growth_factor", "backoff_factor", "growth_interval", "_growth_tracker")
_BY_GROUP: Final = ("base_lrs", "_last_lr")


def n_steps_of(state: State) -> int | None:
    """What a step has counted, also one that is inside another; None where it says so elsewhere."""
    found, inside = whole(state.get("n_steps")), state.get("step")
    return n_steps_of(inside) if found is None and is_mapping(inside) else found


def step_misfits(
    saved: State, own: State, model: nn.Module, optimizers: Sequence[AnyOptimizer]
) -> Iterator[str]:
    """In words. `optimizers` are those that were found in the step, in the order of its state."""
    yield from _Step(saved, model, optimizers).node("step", saved, own)


def is_average(beside: State) -> bool:
    """Whether `average` in it is that of an `AveragedStep`."""
    return "n_averaged" in beside and is_mapping(beside.get("average"))


def owned_state(
    saved: Mapping[str, object], *, but: Mapping[int, object] | None = None
) -> dict[str, object]:
    """A deep copy for a step to keep, but for an average, which the step copies by itself, and for
    what is in `but` by its `id`.
    """
    copy = cloned(saved, but={**averages(saved), **(but or {})})
    return copy if is_state_dict(copy) else {}


def averages(state: Mapping[str, object]) -> dict[int, object]:
    """The tensors of averages in it, by `id`."""
    kept: dict[int, object] = {}
    node: object = state
    while is_mapping(node):
        average = node.get("average")
        if is_average(node) and is_mapping(average):
            kept |= {id(each): each for each in average.values()}
        node = node.get("step")
    return kept


@final
class _Step:
    """Goes down the state of a step."""

    def __init__(self, saved: State, model: nn.Module, found: Sequence[AnyOptimizer]) -> None:
        self._model = model
        self._found = found
        self._n_seen = 0
        self._n_steps = n_steps_of(saved)

    def node(self, where: str, saved: State, own: State) -> Iterator[str]:
        """A dict of it."""
        lacks = [key for key in own if key not in saved and _holds_optimizer(own[key])]
        strange = [key for key in saved if key not in own and _holds_optimizer(saved[key])]
        if lacks or strange:
            yield misfit(where, f"the optimizers of {[*saved]}", f"those of {[*own]}", REBUILD)
            return
        other = [*_made_of(where, saved.get("made_of"), own.get("made_of"))]
        yield from other
        for key, mine in own.items():
            if key not in saved or (other and key in ("optimizer", "schedule", "made_of")):
                continue
            yield from self._entry(f"{where}.{key}", str(key), saved[key], mine, own)

    def _entry(
        self, where: str, key: str, saved: object, own: object, beside: State
    ) -> Iterator[str]:
        is_ours = "made_of" in beside
        if is_optimizer_state(own):
            moved = is_ours and bool(self._n_steps) and beside.get("scaler") is None
            optimizer = self._optimizer(own, is_ours=is_ours)
            alone = len(self._found) == 1  # of several, one may have been frozen all the time
            yield from optimizer_misfits(where, saved, own, optimizer, has_moved=moved and alone)
        elif key == "scaler":
            yield from _scaler(where, saved)
        elif is_ours and key == "schedule":
            yield from _schedule(where, saved, own)
        elif key == "average" and is_average(beside) and is_mapping(own):
            yield from self._average(where, saved, own)
        elif key.startswith("n_") and (is_whole(own) or own is None):
            if not is_whole(saved) and not (saved is None and own is None):
                yield misfit(where, told(saved), "a whole number of at least 0")
        elif is_mapping(own) and is_mapping(saved):
            yield from self.node(where, saved, own)
        else:
            yield from tree_misfits(where, saved, own)

    def _optimizer(self, own: State, *, is_ours: bool) -> AnyOptimizer | None:
        """Whose state it is. Of a step of the user's own: the only one with such groups."""
        sizes = [len(items_of(g.get("params")) or []) for g in _groups(own)]
        alike = [o for o in self._found if [*map(len, parameters_by_group(o))] == sizes]
        self._n_seen += 1
        if is_ours and self._n_seen <= len(self._found):
            one = self._found[self._n_seen - 1]
            return one if any(one is each for each in alike) else None
        return alike[0] if len(alike) == 1 else None

    def _average(self, where: str, saved: object, own: State) -> Iterator[str]:
        if not is_mapping(saved):
            yield misfit(where, told(saved), "averaged weights")
            return
        wrong = [
            f"{name} of {told(saved.get(name))}" for name in own if not _fits(saved, own, name)
        ]
        wrong += [str(name) for name in saved if name not in own]
        if wrong:
            compiled = {plain(name) for name in saved} == {plain(name) for name in own}
            advice = (
                "compile the parts that were compiled then" if compiled else "build the model as"
            )
            advice += "" if compiled else " it was built then"
            of = model_name(self._model)
            yield f"{where}: its average does not fit {of}; {advice}: {named(wrong)}"
        yield from not_finite(where, saved, trained_names(self._model))


def _groups(state: State) -> list[State]:
    groups = state.get("param_groups")
    return [each for each in groups if is_mapping(each)] if is_list(groups) else []


def _fits(saved: State, own: State, name: object) -> bool:
    one, other = saved.get(name), own[name]
    return isinstance(one, Tensor) and isinstance(other, Tensor) and one.shape == other.shape


def _holds_optimizer(value: object) -> bool:
    if not is_mapping(value):
        return False
    return is_optimizer_state(value) or any(map(_holds_optimizer, value.values()))


def _made_of(where: str, saved: object, own: object) -> Iterator[str]:
    """Names of classes, which the steps of this package keep."""
    if not is_mapping(own):
        return
    then: State = saved if is_mapping(saved) else {}
    for part, mine in own.items():
        if mine != then.get(part):
            yield (
                f"{where}: its {part} state is of {then.get(part)}, this step has {mine}; build the "
                "step as it was built then"
            )


def _scaler(where: str, saved: object) -> Iterator[str]:
    """None or nothing without one, and where it was not in use."""
    if saved is None:
        return
    if not is_mapping(saved):
        yield misfit(where, told(saved), "a dict of a gradient scaler, or None")
        return
    if not saved:
        return
    for name in _SCALER:
        value, at = saved.get(name), f"{where}.{name}"
        if name in ("growth_interval", "_growth_tracker"):
            if not is_whole(value):
                yield misfit(at, told(value), "a whole number of at least 0")
        elif not (isinstance(value, int | float) and is_finite_number(value) and value > 0):
            yield misfit(at, told(value), "a finite number above 0")


def _schedule(where: str, saved: object, own: object) -> Iterator[str]:
    """Of one class. What torch added to it since then is a flag, or not there yet."""
    if not is_mapping(own):
        yield from tree_misfits(where, saved, own)
        return
    if not is_mapping(saved):
        yield misfit(where, told(saved), "a dict of its schedule")
        return
    missing = [
        key
        for key, value in own.items()
        if key not in saved and value is not None and not isinstance(value, bool)
    ]
    if missing:
        yield misfit(where, f"only {named(saved)}", f"also {named(missing)}")
    for key, mine in own.items():
        if key not in saved:
            continue
        at, given = f"{where}.{key}", saved[key]
        items = items_of(given)
        if is_number(mine) and not is_number(given):
            yield misfit(at, told(given), f"{told(mine)}, expected a number")
        elif key in ("last_epoch", "_step_count") and is_whole(mine) and not is_whole(given):
            yield misfit(at, told(given), "a whole number of at least 0")
        elif key in _BY_GROUP and (items is None or len(items) != len(items_of(mine) or [])):
            yield misfit(at, told(given), f"a number for each group, {told(mine)}", REBUILD)
        elif key in _BY_GROUP and not all(map(is_number, items or [])):
            yield misfit(at, told(given), f"a number for each group, {told(mine)}", DAMAGED)
        else:
            yield from tree_misfits(at, given, mine)
