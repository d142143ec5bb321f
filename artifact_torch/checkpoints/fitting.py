"""Whether a saved state is one of this run: all that does not fit, in words, before anything is
changed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from torch import nn

from artifact_torch.checkpoints.counters import log_misfits, run_misfits
from artifact_torch.checkpoints.moments import AnyOptimizer
from artifact_torch.checkpoints.rng import rng_misfits
from artifact_torch.checkpoints.steps import is_average, n_steps_of, step_misfits
from artifact_torch.checkpoints.trees import (
    DAMAGED,
    is_whole,
    misfit,
    told,
    tree_misfits,
    whole,
)
from artifact_torch.checkpoints.weights import architecture_misfits, not_finite, trained_names
from artifact_torch.internal.narrowing import is_mapping
from artifact_torch.models.with_forward import model_name

State: TypeAlias = Mapping[object, object]

VERSION: Final = 1
"""Of the layout of a state."""
_MOST: Final = 12


def misfits(
    saved: Mapping[str, object],
    own: Mapping[str, object],
    *,
    model: nn.Module,
    optimizers: Sequence[AnyOptimizer] = (),
    n_batches: int | None = None,
) -> list[str]:
    """What of `saved` does not fit the run whose state is `own`: each with its place, what is saved,
    what this run has, what to do. Empty where it can be loaded.

    `model` is trained by the run, by these `optimizers` as far as they were found, over an epoch of
    `n_batches`. Reads all weights and moments once, and copies none. Syncs.
    """
    if problem := _version(saved):
        return [problem]
    given, mine = (
        {key: value for key, value in state.items() if is_mapping(value)} for state in (saved, own)
    )
    missing = [key for key in mine if key not in given]
    if missing or "log" not in saved:
        lacks = [*missing, *(() if "log" in saved else ("log",))]
        return [
            f'checkpoint: "{key}" must be a state dict, '
            + (f"got {told(saved[key])}" if key in saved else f"only {sorted(saved)} is there")
            + f"; {DAMAGED}"
            for key in lacks
        ]
    step, own_step = given["step"], mine["step"]
    n_steps = None if n_steps_of(own_step) is None else n_steps_of(step)
    n_epochs = whole(step.get("n_epochs")) if is_average(own_step) else None
    run = given["run"]
    sections: list[Iterable[str]] = [
        _weights(given["model"], mine["model"], model),
        step_misfits(step, own_step, model, optimizers),
        run_misfits(run, n_steps=n_steps, n_epochs=n_epochs, n_batches=n_batches),
        _best_weights(run, mine["model"], model),
        log_misfits(saved["log"], run),
        _parts(given["parts"], mine["parts"]),
        rng_misfits(given["rng"], mine["rng"]),
    ]
    return [line for section in sections for line in _first([*section])]


def _first(lines: Sequence[str]) -> Sequence[str]:
    """Of a thousand rows or moments, enough to know what it is."""
    more = len(lines) - _MOST
    return lines if more <= 0 else [*lines[:_MOST], f"and {more} more like these"]


def _version(saved: Mapping[str, object]) -> str | None:
    version = saved.get("version")
    if whole(version) == VERSION:
        return None
    if not is_whole(version):
        got = f"got {told(version)}" if "version" in saved else f"only {sorted(saved)} is there"
        return f'checkpoint: "version" must be a whole number, {got}; {DAMAGED}'
    if is_whole(version, least=VERSION + 1):
        advice = "install the artifact-torch that wrote it, or a newer one"
        return f"checkpoint: is of version {version}, newer than {VERSION}, which is read here; {advice}"
    return f"checkpoint: is of version {version}, and there was none before 1; {DAMAGED}"


def _weights(saved: State, own: State, model: nn.Module) -> Iterator[str]:
    if problems := [*architecture_misfits(saved, own)]:
        yield (
            f"model: its weights do not fit {model_name(model)}; build the model as it was built "
            f"then: {'; '.join(problems)}"
        )
    yield from not_finite("model", saved, trained_names(model))


def _best_weights(run: State, own: State, model: nn.Module) -> Iterator[str]:
    saved = run.get("best_weights")
    if run.get("best") is None:
        return
    if not is_mapping(saved):
        yield misfit("run.best_weights", told(saved), "best weights by then")
        return
    if problems := [*architecture_misfits(saved, own)]:
        yield (
            f"run.best_weights: do not fit {model_name(model)}; load a checkpoint of this model: "
            f"{'; '.join(problems)}"
        )
    yield from not_finite("run.best_weights", saved, trained_names(model))


def _parts(saved: State, own: State) -> Iterator[str]:
    """Of parts of one class; one of another class, which starts afresh, is told when it is loaded."""
    for way, mine in own.items():
        given = saved.get(way)
        if not is_mapping(mine) or not is_mapping(given) or given.get("type") != mine.get("type"):
            continue
        where, state = f"parts.{way}", given.get("state")
        if not is_mapping(state):
            yield misfit(where, told(state), f"a state of {mine.get('type')}")
        yield from tree_misfits(where, state, mine.get("state"))
