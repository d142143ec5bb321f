"""Stops after a number of seconds."""

import time


class TimeLimit:
    def __init__(self, seconds: float) -> None:
        self.end: float = time.monotonic() + seconds

    def should_stop(self, update: object) -> bool:
        return time.monotonic() >= self.end


class WrongTimeLimit:
    def should_stop(self) -> str:
        return "yes" if time.monotonic() >= 60 else "no"
