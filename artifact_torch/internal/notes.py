"""Where an error came from, in its notes."""


def note_part(error: BaseException, part: object, method: str, where: object = "") -> None:
    """Add to `error` whose method raised it: "in Accuracy.on_batch, at step 12".

    For an `except` around a whole loop over parts, whose variable still names the one that raised:
    a `try` costs nothing while nothing is raised. An error that has the note keeps it once.
    """
    note = f"in {type(part).__name__}.{method}" + (f", at {where}" if f"{where}" else "")
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)
