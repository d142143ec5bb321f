"""What a trainer checks of its arguments that have no contract: lists, numbers, words, flags."""

from collections.abc import Mapping

from artifact_torch.contracts import EarlyStopper
from artifact_torch.internal.arguments import boolean, integer, listed, number, refuse, shown
from artifact_torch.internal.cadence import cadence_problems
from artifact_torch.internal.failing import on_failure_problems
from artifact_torch.internal.narrowing import is_list, is_tuple
from artifact_torch.internal.time_limit import time_limit_problems
from artifact_torch.validation.configuration import where_problems


def check_options(
    stop: object,
    lists: Mapping[str, object],
    seed: object,
    flags: Mapping[str, object],
    *,
    progress: object,
    checkpoint_every: object,
    grace_s: object,
    on_failure: object,
    time_limit: object,
    validation: object,
) -> None:
    """Raises one `ConfigurationError` listing all that is wrong."""
    problems = [
        *stop_problems("stop", stop),
        *(problem for name, value in lists.items() for problem in listed(name, value)),
        *integer("validation_seed", seed, least=0),
        *(problem for name, value in flags.items() for problem in boolean(name, value)),
        *_progress_problems(progress),
        *_every_problems(checkpoint_every),
        *number("grace_s (seconds)", grace_s, least=0),
        *on_failure_problems(on_failure),
        *time_limit_problems(time_limit),
        *where_problems(validation),
    ]
    refuse([f"Trainer: {problem}" for problem in problems])


def _progress_problems(progress: object) -> list[str]:
    if progress is False or progress in ("auto", "bar", "lines"):
        return []
    return [f'progress must be "auto", "bar", "lines" or False, got {shown(progress)}']


def _every_problems(every: object) -> list[str]:
    cadences = list(every) if is_list(every) or is_tuple(every) else [every]
    if not cadences:
        return ["checkpoint_every must have a cadence, got an empty list; write 1"]
    return [each for one in cadences for each in cadence_problems("checkpoint_every", one)]


def stop_problems(name: str, stop: object) -> list[str]:
    """What is wrong with a list of stoppers as such, in words."""
    not_listed = listed(name, stop)
    is_one: bool = isinstance(stop, EarlyStopper)
    if (stop and not not_listed) or is_one:
        return not_listed
    got = shown(stop) if not_listed else "an empty list, with which training never ends"
    n_epochs = stop if isinstance(stop, int) and not isinstance(stop, bool) else 100
    write = f"write [EpochBoundStopper(max_n_epochs={n_epochs})]"
    return [f"{name} must be a list of stoppers, got {got}; {write}"]
