"""A time in which a client could not be reached."""

from dataclasses import dataclass
from datetime import datetime
from traceback import extract_tb
from typing import final


@final
@dataclass(frozen=True, kw_only=True)
class Outage:
    """When it began, and why."""

    since: float
    """Seconds since 1970."""
    cause: str
    until: float | None = None
    """When it was over; None where it is not."""

    def __str__(self) -> str:
        began = datetime.fromtimestamp(self.since).astimezone()
        if self.until is None:
            return f"since {began:%H:%M:%S}: {self.cause}"
        return f"from {began:%H:%M:%S} for {max(0.0, self.until - self.since):.0f} s: {self.cause}"


def cause_of(error: BaseException) -> str:
    """Its type and first words: what a library appends may be a page. Of a mistake in a program,
    its line too.
    """
    try:
        words = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 an error of anybody's
        words = ""
    words = f"{words[:400]}..." if len(words) > 400 else words
    name = type(error).__name__
    if isinstance(error, AttributeError | NameError | TypeError) and error.__traceback__:
        last = extract_tb(error.__traceback__)[-1]
        words += f" ({last.filename}:{last.lineno}, in {last.name})"
    return f"{name}: {words}" if words else name
