"""Names for runs that a person can say and sort."""

import os
import random
from datetime import UTC, datetime
from pathlib import Path

from artifact_torch.errors import ConfigurationError, RunFolderError
from artifact_torch.internal.arguments import shown
from artifact_torch.internal.disk import absolute

_HOW = (
    "amber bold brisk calm clear cool crisp deep early fair fleet fond free fresh glad gold grand "
    "green keen kind late light lively lone lucky merry mild neat noble pale plain proud quick quiet "
    "rapid ripe round sharp silent silver slow smart soft steady still sunny swift tall warm wise"
)
_WHO = (
    "badger bear beaver bison crane crow curlew deer dove eagle egret elk falcon finch fox gull hare "
    "hawk heron ibis jay kite koala lark lion lynx magpie marten mole moose newt otter owl panda plover "
    "puffin raven robin seal snipe stork swan swift tern thrush tiger toad vole wolf wren"
)


def new_run(parent: str | os.PathLike[str], /) -> Path:
    """A folder for one more run, made in `parent`: `2026-11-26_0627_brisk-heron`, date and time UTC.

    Never one that was there. No random number generator of the program is touched. Raises
    `ConfigurationError` for what is no path, and `RunFolderError` where no folder can be made.
    """
    inside = absolute(parent)
    if inside is None:
        raise ConfigurationError(f"new_run: parent must be a path, got {shown(parent)}")
    words = random.SystemRandom()  # of the operating system
    attempt = 0
    while True:
        when = datetime.now(UTC).strftime("%Y-%m-%d_%H%M")
        name = f"{when}_{words.choice(_HOW.split())}-{words.choice(_WHO.split())}"
        folder = inside / (f"{name}-{attempt}" if attempt > 20 else name)
        attempt += 1
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise RunFolderError(
                f"{folder}: cannot be made ({error.strerror}); give a parent that can be written to"
            ) from error
        return folder
