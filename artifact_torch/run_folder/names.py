"""Names for runs that a person can say and sort."""

import os
import random
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from artifact_torch.internal.arguments import refuse, shown
from artifact_torch.internal.narrowing import is_path

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
    `ConfigurationError` for what is no path, and `OSError` where a folder cannot be made.
    """
    if not is_path(parent):
        refuse([f"new_run: parent must be a path, got {shown(parent)}"])
    inside = Path(parent).expanduser().absolute()
    words = random.SystemRandom()  # of the operating system
    for attempt in count():
        when = datetime.now(UTC).strftime("%Y-%m-%d_%H%M")
        name = f"{when}_{words.choice(_HOW.split())}-{words.choice(_WHO.split())}"
        folder = inside / (f"{name}-{attempt}" if attempt > 20 else name)
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise AssertionError  # count() does not end
