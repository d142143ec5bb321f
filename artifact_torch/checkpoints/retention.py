"""Which checkpoints stay, and how a new one is called."""

import os
from collections.abc import Sequence
from pathlib import Path

from artifact_torch.checkpoints.listing import Found
from artifact_torch.checkpoints.manifest import Identity, Name


def beyond(
    there: Sequence[Found], new: Found, keep: int | None, best_step: int | None
) -> list[Found]:
    """Which are not kept: older ones of the same step, and all but the newest `keep`."""
    whole = [each for each in there if each.manifest is not None]
    replaced = [
        each
        for each in whole
        if each.name.step == new.name.step
        and each is not new
        and (each.name.epoch is None or new.name.epoch is not None)
    ]
    rest = sorted((each for each in whole if each not in replaced), key=lambda each: each.age)
    old = [] if keep is None else rest[:-keep]
    return replaced + [each for each in old if each.name.step != best_step]


def free_name(folder: Path, identity: Identity) -> tuple[Path, Name]:
    """Its path, or where there is something already, one with a number."""
    path, n = folder / identity.name, 1
    while os.path.lexists(path):
        n += 1
        path = folder / f"{identity.name}-{n}"
    return path, Name(identity.epoch if identity.ends_epoch else None, identity.step, n)
