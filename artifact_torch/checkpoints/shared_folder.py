"""A folder that all ranks of a run see: found before anything is written that needs it."""

import os
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from artifact_torch.errors import CheckpointError
from artifact_torch.internal.agreement import agreed
from artifact_torch.internal.ranks import gathered, ranks, told

_LOOKS: Final = 30  # of 0.1 s each: a network disk may tell of a new name late


def require_shared(folder: Path) -> None:
    """Nothing where all ranks see what the first one writes in `folder`, or one is alone. Raises
    `CheckpointError`, on all, naming those that do not. A collective.
    """
    if ranks().is_alone:
        return
    name = told(f".seen-{socket.gethostname()}-{os.getpid()}")
    problem = ""
    if ranks().is_first:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
        except OSError as error:
            problem = f"cannot be written to by rank 0 ({error.strerror}); make it one that can be"
    problem = told(problem)
    places = gathered("" if problem or _sees(folder, name) else f"{socket.gethostname()}:{folder}")
    if ranks().is_first:
        with suppress(OSError):
            (folder / name).unlink(missing_ok=True)
    blind = [f"rank {rank} ({place})" for rank, place in enumerate(places) if place]
    if blind and not problem:
        problem = (
            f"is not the folder of all ranks: what rank 0 wrote there is not seen by "
            f"{', '.join(blind)}; give a folder on a disk that all of them share, by the same path"
        )
    if problem:
        raise agreed(CheckpointError(f"{folder}: {problem}"))


def _sees(folder: Path, name: str) -> bool:
    for _ in range(_LOOKS):
        with suppress(OSError):
            if folder / name in folder.iterdir():  # asks a network disk, where `exists` may not
                return True
        time.sleep(0.1)
    return False
