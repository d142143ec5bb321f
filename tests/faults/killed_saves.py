"""Run as a program: saves in one folder, each killed at some call to the system.

    python killed_saves.py FOLDER N

Prints one line of JSON: the most that was ever left in the folder, and what a whole save leaves.
"""

import json
import logging
import sys
from collections import Counter
from functools import partial
from pathlib import Path

from tests.checkpoints.kill_each_call import forked, found, kill_at, save

N_CALLS = 60
"""About as many as a save makes; beyond them it is not killed."""


def deadly(folder: Path, step: int, n: int) -> None:
    kill_at(n)
    save(folder, step)


def main() -> None:
    folder, n = Path(sys.argv[1]), int(sys.argv[2])
    logging.disable(logging.WARNING)
    save(folder, 1)
    n_killed, most, newest = 0, Counter[str](), 1
    for step in range(2, n + 2):
        n_killed += forked(partial(deadly, folder, step, 1 + 7 * step % N_CALLS))
        there = found(folder)
        if there not in ([newest, "old"], [step, "old"]):
            raise AssertionError(f"{newest} was saved, step {step} killed, and {there} is found")
        newest = step if there == [step, "old"] else newest
        names = [path.name for path in folder.iterdir()]
        left = sum(name.startswith(".") for name in names)
        most |= Counter({"temporary": left, "whole": len(names) - left})
    forked(partial(save, folder, n + 2))
    after = sorted(path.name for path in folder.iterdir())
    sys.stdout.write(json.dumps({"killed": n_killed, "most": most, "after": after}))


if __name__ == "__main__":
    main()
