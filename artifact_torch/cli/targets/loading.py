"""Importing and calling what a user wrote, and saying in their own lines why it does not work."""

import importlib
import logging
import pkgutil
import sys
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from artifact_torch.checking.annotations.spelling import nearest
from artifact_torch.cli.reports.findings import CannotCheckError, Finding, Place, unchecked
from artifact_torch.cli.targets.source_lines import is_library
from artifact_torch.errors import ArtifactTorchError, ContractError
from artifact_torch.internal.signatures import signature_of

_OWN = Path(__file__).parents[2]
_HIDDEN = ("<frozen", str(Path(__file__).parents[1]), str(Path(importlib.__file__).parent))


def load_module(name: str) -> ModuleType:
    """The module, imported. Raises `CannotCheckError`, and the toolkit's own errors as they are."""
    with _said(f"importing {name} failed"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                raise
            raise CannotCheckError(_no_module(name, error.name)) from error


def load_name(module: ModuleType, path: str) -> object:
    """What the dotted `path` means in the module. Raises `CannotCheckError`."""
    found: object = module
    for part in path.split("."):
        holder = found
        try:
            found = getattr(holder, part)
        except AttributeError as error:
            near = nearest(part, [known for known in dir(holder) if not known.startswith("_")])
            where = getattr(holder, "__name__", type(holder).__name__)
            advice = f"; did you mean {near}?" if near else ""
            raise CannotCheckError(f"{where} has no {part}{advice}") from error
    return found


def call_factory(factory: Callable[[], object], label: str) -> tuple[object, tuple[Finding, ...]]:
    """What it returns, and what the parts that it built left unverified.

    Raises `CannotCheckError`, and the toolkit's own errors as they are.
    """
    needed = [
        name
        for name, parameter in signature_of(factory).parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    ]
    if needed:
        reason = f"{label} is a function that requires {', '.join(needed)}"
        raise CannotCheckError(f"{reason}; a factory takes no arguments: write one that calls it")
    doubts = _Doubts()
    logger = logging.getLogger("artifact_torch.checking")
    logger.addHandler(doubts)
    try:
        with _said(f"calling {label} failed"):
            return factory(), tuple(doubts.findings)
    finally:
        logger.removeHandler(doubts)


class _Doubts(logging.Handler):
    """Collects what the check of parts warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.findings: list[Finding] = []

    def emit(self, record: logging.LogRecord) -> None:
        """One finding."""
        message = record.getMessage()
        self.findings.append(Finding(code="build", severity="unverified", message=message))


@contextmanager
def _said(what: str) -> Generator[None]:
    """Errors of the user's code as `CannotCheckError`; a module or a factory may also call sys.exit."""
    try:
        yield
    except (ArtifactTorchError, CannotCheckError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise CannotCheckError(failure_of(error, what)) from error


def failure_of(error: BaseException, what: str) -> Finding:
    """The failure with the user's own part of the traceback, at its last line."""
    shown = traceback.TracebackException.from_exception(error)
    at: traceback.TracebackException | None = shown
    while at is not None:
        frames = [frame for frame in at.stack if not frame.filename.startswith(_HIDDEN)]
        at.stack = traceback.StackSummary.from_list(frames)
        at = at.__cause__ or at.__context__
    lines = "".join(shown.format()).rstrip().splitlines()
    reason = f"{what}: {type(error).__name__}: {error}".rstrip(": ")
    return unchecked(reason.splitlines()[0], *lines, place=_place_of_error(error))


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
    """Each violation of an error of the toolkit, or its message, at the user's line."""
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
