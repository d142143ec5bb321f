"""When something that is computed every n epochs is due; `None`: only at the end of the run."""

from artifact_torch.contracts import Moment


def is_due(every: int | None, moment: Moment, *, at_end: bool = True) -> bool:
    """Every `every` epochs (1, 2, 3, ...), and at the end of the run, if the end counts."""
    in_round = every is not None and moment.epoch > 0 and moment.epoch % every == 0
    return in_round or (at_end and moment.ends_run)


def cadence_problems(every: object, what: str) -> list[str]:
    """What is wrong with a cadence, in words."""
    if every is None or (isinstance(every, int) and not isinstance(every, bool) and every >= 1):
        return []
    got = f"must be a whole number of at least 1, got {every!r}"
    return [f"{what} {got}; None means only at the end"]
