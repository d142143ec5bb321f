"""The checkers on one witness, side by side."""

import hashlib
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, final

from artifact_torch.cli.reports.findings import Claim, Net, Verdict
from artifact_torch.cli.static import mypy, pyright
from artifact_torch.cli.static.processes import Done, Programs
from artifact_torch.cli.static.project import Project
from artifact_torch.cli.static.witness import FILE, Witness, witness_of

logger: logging.Logger = logging.getLogger(__name__)

CHECKERS: Final = ("pyright", "mypy")
INSTALL: Final[Mapping[str, str]] = {"pyright": pyright.INSTALL, "mypy": mypy.INSTALL}

Judgement: TypeAlias = tuple[Net, Mapping[int, Verdict]]
"""A checker as it took part, and its verdicts by number of the claim."""


@final
@dataclass(frozen=True, kw_only=True)
class Setting:
    """How the checkers are run."""

    project: Project
    timeout: float
    cache: Path
    """Where mypy keeps what it knows about torch: without it, it reads for half a minute."""


def installed() -> list[str]:
    """The checkers that can run here."""
    return [name for name, find in (("pyright", pyright.find), ("mypy", mypy.find)) if find()]


def default_cache() -> Path:
    """The folder for caches of this user."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "artifact-torch"


@final
class Asking:
    """The checkers at work on one witness after another; leaving the block ends them."""

    def __init__(self, names: Sequence[str], setting: Setting) -> None:
        self._names = names
        self._setting = setting
        self._source = ""
        self._programs = Programs()
        self._running: list[Future[Done | None]] = []
        self._pool = ThreadPoolExecutor(max(len(names), 1))

    def __enter__(self) -> "Asking":
        return self

    def __exit__(self, *raised: object) -> None:
        self._programs.end()
        self._pool.shutdown(cancel_futures=True)

    def start(self, source: str) -> None:
        """Begins with a witness; an earlier one is given up."""
        self._programs.end()
        self._source, self._programs = source, Programs()
        self._running = [
            self._pool.submit(_RUN[name], source, self._setting, self._programs)
            for name in self._names
        ]

    def about(self, witness: Witness) -> list[Judgement]:
        """What every checker says; those that are not installed say so."""
        if witness.source != self._source:
            self.start(witness.source)
        return [
            _judgement(name, running.result(), witness, self._setting)
            for name, running in zip(self._names, self._running, strict=True)
        ]


def confirmed(
    claims: Sequence[Claim],
    verdicts: Mapping[int, Verdict],
    doubtful: Sequence[int],
    setting: Setting,
) -> dict[int, Verdict]:
    """The verdicts of pyright, the doubtful ones asked again alone: one refused claim can change
    its later verdicts in the same process (microsoft/pyright#11644).
    """
    again: dict[int, Verdict] = {}
    for number in doubtful:
        with Asking(("pyright",), setting) as asking:
            ((net, answer),) = asking.about(witness_of([claims[number]]))
        if not net.trouble:
            again[number] = answer[0]
    return {**verdicts, **again}


def _run_pyright(source: str, setting: Setting, programs: Programs) -> Done | None:
    command = pyright.find()
    if command is None:
        return None
    with tempfile.TemporaryDirectory(prefix="artifact-torch-") as name:
        folder = _written(source, Path(name))
        return programs.run(
            [*command, *pyright.arguments(folder, setting.project)],
            folder=folder,
            environment=pyright.environment(os.environ),
            timeout=setting.timeout,
        )


def _run_mypy(source: str, setting: Setting, programs: Programs) -> Done | None:
    command = mypy.find()
    if command is None:
        return None
    config = mypy.find_config(setting.project)
    settings = config.read_bytes() if config else b""
    cache = setting.cache / "mypy" / hashlib.sha256(settings).hexdigest()[:12]
    if not cache.exists():
        logger.warning("mypy reads torch for the first time, which takes half a minute")
    with tempfile.TemporaryDirectory(prefix="artifact-torch-") as name:
        folder = _written(source, Path(name))
        return programs.run(
            [*command, *mypy.arguments(folder, config, cache)],
            folder=config.parent if config else setting.project.root,
            environment=mypy.environment(os.environ, folder, setting.project),
            timeout=setting.timeout,
        )


_RUN: Final[Mapping[str, Callable[[str, Setting, Programs], Done | None]]] = {
    "pyright": _run_pyright,
    "mypy": _run_mypy,
}


def _written(source: str, folder: Path) -> Path:
    folder = folder.resolve()  # a link would give the file two names
    (folder / FILE).write_text(source, encoding="utf-8")
    return folder


def _judgement(name: str, done: Done | None, witness: Witness, setting: Setting) -> Judgement:
    """What was said, understood; None: not installed."""
    if done is None:
        trouble = f"it is not installed; run: {INSTALL[name]}"
        return Net(name=name, version="", seconds=0.0, trouble=trouble), {}
    if done.status is None:
        trouble = f"it did not finish within {setting.timeout:g} seconds; --timeout allows more"
        return Net(name=name, version="", seconds=setting.timeout, trouble=trouble), {}
    if name == "pyright":
        version, verdicts, trouble = pyright.read(done.output or done.errors, witness)
    else:
        version = mypy.version()
        verdicts, trouble = mypy.read(done.output, done.errors, done.status, witness)
    return Net(name=name, version=version, seconds=done.seconds, trouble=trouble), verdicts
