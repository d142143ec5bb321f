"""Importing what a user wrote, and saying in their own lines why it does not work."""

import importlib
import pkgutil
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import final

from artifact_torch.checking.annotations.spelling import nearest
from artifact_torch.cli.reports.findings import Failure, Finding, Place
from artifact_torch.cli.targets.source_lines import is_library
from artifact_torch.errors import ArtifactTorchError, ContractError

_OWN = Path(__file__).parents[2]
_HIDDEN = ("<frozen", str(Path(__file__).parents[1]), str(Path(importlib.__file__).parent))


@final
class LoadError(Exception):
    """A target cannot be imported, found or called."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


def load_module(name: str) -> ModuleType:
    """The module, imported. Raises `LoadError`, and the toolkit's own errors as they are."""
    try:
        return importlib.import_module(name)
    except (ArtifactTorchError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a module may also call sys.exit
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing is not None and f"{name}.".startswith(f"{missing}."):
            raise LoadError(Failure(reason=_no_module(name, missing))) from error
        raise LoadError(failure_of(error, f"importing {name} failed")) from error


def load_name(module: ModuleType, path: str) -> object:
    """What the dotted `path` means in the module. Raises `LoadError`."""
    found: object = module
    for part in path.split("."):
        holder = found
        try:
            found = getattr(holder, part)
        except AttributeError as error:
            raise LoadError(Failure(reason=_no_name(holder, part))) from error
    return found


def failure_of(error: BaseException, what: str) -> Failure:
    """The failure with the user's own part of the traceback, at its last line."""
    shown = traceback.TracebackException.from_exception(error)
    at: traceback.TracebackException | None = shown
    while at is not None:
        frames = [frame for frame in at.stack if not frame.filename.startswith(_HIDDEN)]
        at.stack = traceback.StackSummary.from_list(frames)
        at = at.__cause__ or at.__context__
    lines = tuple("".join(shown.format()).rstrip().splitlines())
    reason = f"{what}: {type(error).__name__}: {error}".rstrip(": ")
    return Failure(reason=reason.splitlines()[0], details=lines, place=_place_of_error(error))


def _place_of_error(error: BaseException) -> Place | None:
    """The innermost line that the user wrote."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return Place(file=error.filename, line=error.lineno)
    of_user = [
        Place(file=frame.filename, line=frame.lineno)
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.lineno
        and not frame.filename.startswith(_HIDDEN)
        and not is_library(frame.filename)
        and _OWN not in Path(frame.filename).parents
    ]
    return of_user[-1] if of_user else None


def findings_of(error: ArtifactTorchError) -> tuple[Finding, ...]:
    """Each violation of an error of the toolkit, or its message, at the user's line that raised
    it.
    """
    place = _place_of_error(error)
    violations = error.violations if isinstance(error, ContractError) else ()
    if not violations:
        return (Finding(code="build", message=str(error), place=place),)
    return tuple(
        Finding(code=v.code, message=v.message, member=v.member, fix=v.fix, place=place)
        for v in violations
    )


def _no_module(name: str, missing: str) -> str:
    """Why there is no such module, and what was probably meant."""
    parent, _, last = missing.rpartition(".")
    holder = sys.modules.get(parent)
    if holder is not None and hasattr(holder, last):
        return f"{name} is no module; for {last} of {parent} write {parent}:{last}"
    searched = getattr(holder, "__path__", None) if parent else None
    near = nearest(last, (module.name for module in pkgutil.iter_modules(searched)))
    advice = f"; did you mean {parent}.{near}?".replace(" .", " ") if near else ""
    where = f"in {parent}" if parent else f"in {', '.join(sys.path[:3])} or installed"
    return f"there is no module {missing} {where}{advice}"


def _no_name(holder: object, name: str) -> str:
    near = nearest(name, [known for known in dir(holder) if not known.startswith("_")])
    where = getattr(holder, "__name__", type(holder).__name__)
    advice = f"; did you mean {near}?" if near else ""
    return f"{where} has no {name}{advice}"
