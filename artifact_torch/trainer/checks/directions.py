"""A score that is watched the wrong way round, by a `mode` that was forgotten."""

import logging
from collections.abc import Iterable, Mapping

from artifact_torch.checking.places import opened
from artifact_torch.contracts import LoaderRoutine, ResultKind
from artifact_torch.stopping.best import BestScoreTracker
from artifact_torch.stopping.stoppers import PatienceStopper
from artifact_torch.validation.rounds import Validation

_log = logging.getLogger("artifact_torch")


def warn_of_directions(
    deciding: Iterable[object], routines: Iterable[object], validation: Validation
) -> None:
    """A warning for each stopper and tracker whose `mode` is not that of its score, as far as what
    produces the score has a bool `higher_is_better`, or which has none for an artifact's score.
    """
    modes = _modes_of_parts(routines)
    of_artifacts = {
        name
        for routine in validation.routines
        if routine.does == "validate"
        for kind, name in routine.result_names
        if kind is ResultKind.SCORE
    }
    for each in deciding:
        if isinstance(each, PatienceStopper | BestScoreTracker):
            for name in each.monitored:
                if name in of_artifacts and not each.states_mode:
                    _log.warning(
                        '%s("%s"): takes the lowest for the best, and no artifact says which is; '
                        'write mode="max", or mode="min" where it is so',
                        type(each).__name__,
                        name,
                    )
                kind, better = modes.get(name, ("", each.mode))
                if better != each.mode:
                    _log.warning(
                        '%s("%s"): mode is "%s", but of %s the %s is better; write mode="%s"',
                        type(each).__name__,
                        name,
                        each.mode,
                        kind,
                        "highest" if better == "max" else "lowest",
                        better,
                    )


def better_ways(deciding: Iterable[object], routines: Iterable[object]) -> Mapping[str, str]:
    """ "min" or "max" by score, as a part that produces it says, else one that watches it."""
    watched = {
        name: each.mode
        for each in deciding
        if isinstance(each, PatienceStopper | BestScoreTracker)
        for name in each.monitored
    }
    return {**watched, **{name: mode for name, (_, mode) in _modes_of_parts(routines).items()}}


def _modes_of_parts(routines: Iterable[object]) -> dict[str, tuple[str, str]]:
    """By score: the class of the part that produces it, and its mode."""
    places = [("routines", each, LoaderRoutine) for each in routines]
    return {
        str(getattr(part, "name", "")): (type(part).__name__, "max" if is_higher else "min")
        for name, part, _ in opened(places)
        if name == "scores"
        and isinstance(is_higher := getattr(part, "higher_is_better", None), bool)
    }
