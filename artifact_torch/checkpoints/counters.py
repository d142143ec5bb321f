"""Whether a saved place in a run is one: counts, times, scores, and the log of scores."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from artifact_torch.checkpoints.trees import (
    DAMAGED,
    is_finite_number,
    is_whole,
    items_of,
    misfit,
    told,
    whole,
)
from artifact_torch.contracts import ResultKind
from artifact_torch.internal.narrowing import is_mapping

State: TypeAlias = Mapping[object, object]

_COUNTS: Final = ("n_epochs_elapsed", "n_steps", "n_batches", "n_logged")
_KINDS: Final = frozenset(kind.value for kind in ResultKind)


def run_misfits(
    saved: State, *, n_steps: int | None, n_epochs: int | None, n_batches: int | None
) -> Iterator[str]:
    """Of `state["run"]`; with what its step has counted, and the batches of an epoch, if known."""
    for key in _COUNTS:
        yield from count_misfits(f"run.{key}", saved.get(key))
    batches, epochs = saved.get("n_batches"), saved.get("n_epochs_elapsed")
    if n_batches is not None and is_whole(batches, least=n_batches + 1):
        own = f"{n_batches} in an epoch"
        yield misfit("run.n_batches", f"{batches}", own, "give it the loader that it had then")
    steps = saved.get("n_steps")
    if isinstance(epochs, int) and is_whole(steps) and not is_whole(steps, least=epochs):
        yield misfit("run.n_steps", told(steps), f"one at least in each of {epochs} epochs")
    if not _is_time(saved.get("seconds")):
        yield misfit("run.seconds", told(saved.get("seconds")), "seconds of at least 0")
    if not isinstance(saved.get("ends_epoch"), bool):
        yield misfit("run.ends_epoch", told(saved.get("ends_epoch")), "True or False")
    yield from scores_misfits("run.scores", saved.get("scores"))
    yield from _computed("run.computed", saved.get("computed"))
    if not is_mapping(saved.get("settings")):
        yield misfit("run.settings", told(saved.get("settings")), "a dict")
    for key, counted in (("n_steps", n_steps), ("n_epochs_elapsed", n_epochs)):
        if counted is not None and is_whole(saved.get(key), least=counted + 1):
            yield misfit(f"run.{key}", f"{saved[key]}", f"a step that was saved at {counted}")
    yield from _best(saved)


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and is_finite_number(value) and value >= 0


def count_misfits(where: str, saved: object) -> Iterator[str]:
    """Of a whole number of at least 0."""
    if not is_whole(saved):
        yield misfit(where, told(saved), "a whole number of at least 0")


def scores_misfits(where: str, saved: object) -> Iterator[str]:
    """Of floats by name; NaN and infinity are scores."""
    if not is_mapping(saved):
        yield misfit(where, told(saved), "a dict of scores")
        return
    wrong = [
        key for key, v in saved.items() if not isinstance(v, float) or not isinstance(key, str)
    ]
    for name in wrong:
        yield misfit(f"{where}.{name}", told(saved[name]), "floats by name")


def _computed(where: str, saved: object) -> Iterator[str]:
    items = items_of(saved)
    if items is None:
        yield misfit(where, told(saved), "a list of kinds and names")
    for index, each in enumerate(items or []):
        match items_of(each):
            case [str(kind), str()] if kind in _KINDS:
                pass
            case _:
                yield misfit(f"{where}.{index}", told(each), "a kind of result and a name")


def _best(saved: State) -> Iterator[str]:
    best = saved.get("best")
    if best is None:
        return
    match items_of(best):
        case [epoch, step] if is_whole(epoch) and is_whole(step):
            place = saved.get("n_epochs_elapsed"), saved.get("n_steps")
            for at, now in zip((epoch, step), place, strict=True):
                if (
                    is_whole(at)
                    and is_whole(now)
                    and isinstance(at, int)
                    and not is_whole(now, least=at)
                ):
                    yield misfit("run.best", told(best), f"come to {told(place)} by then")
                    return
        case _:
            yield misfit("run.best", told(best), "an epoch and a step, or None")


def log_misfits(saved: object, run: State) -> Iterator[str]:
    """Of `state["log"]`: as many rows as the run had, none after its place."""
    rows, n_logged = items_of(saved), whole(run.get("n_logged"))
    n_steps = whole(run.get("n_steps"))
    if rows is None:
        yield misfit("log", told(saved), "a list of rows")
        return
    if n_logged is None:
        return
    if len(rows) < n_logged:
        yield misfit("log", f"{len(rows)} rows", f"{n_logged} by then")
    for index, row in enumerate(rows[:n_logged]):
        match items_of(row):
            case [str(), epoch, step, bool(), scores] if is_whole(epoch) and is_whole(step):
                yield from scores_misfits(f"log.{index}", scores)
                if n_steps is not None and is_whole(step, least=n_steps + 1):
                    yield misfit(f"log.{index}", f"step {step}", f"come to step {n_steps} by then")
            case _:
                expected = "name, epoch, step, whether it ended the epoch, scores"
                yield misfit(f"log.{index}", told(row), expected, DAMAGED)
