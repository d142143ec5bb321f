"""The checkers on one set of claims, side by side."""

import hashlib
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, final

from artifact_torch.checking.command import mypy, pyright
from artifact_torch.checking.command.findings import Claim, Net, Verdict
from artifact_torch.checking.command.processes import run_program
from artifact_torch.checking.command.project import Project
from artifact_torch.checking.command.witness import FILE, Witness, witness_of

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


def ask(names: Sequence[str], claims: Sequence[Claim], setting: Setting) -> list[Judgement]:
    """Every checker about every claim; those that are not installed say so."""
    jobs: dict[str, Callable[[Sequence[Claim], Setting], Judgement]] = {
        "pyright": _ask_pyright,
        "mypy": _ask_mypy,
    }
    if not names:
        return []
    with ThreadPoolExecutor(len(names)) as pool:
        running = [pool.submit(jobs[name], claims, setting) for name in names]
        return [each.result() for each in running]


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
        net, answer = _ask_pyright([claims[number]], setting)
        if not net.trouble:
            again[number] = answer[0]
    return {**verdicts, **again}


def _ask_pyright(claims: Sequence[Claim], setting: Setting) -> Judgement:
    command = pyright.find()
    if command is None:
        return _absent("pyright")
    witness = witness_of(claims)
    with tempfile.TemporaryDirectory(prefix="artifact-torch-") as name:
        folder = _written(witness, Path(name))
        done = run_program(
            [*command, *pyright.arguments(folder, setting.project)],
            folder=folder,
            environment=pyright.environment(os.environ),
            timeout=setting.timeout,
        )
    if done.status is None:
        return _late("pyright", setting), {}
    version, verdicts, trouble = pyright.read(done.output or done.errors, witness)
    net = Net(name="pyright", version=version, seconds=done.seconds, trouble=trouble)
    return net, verdicts


def _ask_mypy(claims: Sequence[Claim], setting: Setting) -> Judgement:
    command = mypy.find()
    if command is None:
        return _absent("mypy")
    witness = witness_of(claims)
    config = mypy.find_config(setting.project)
    settings = config.read_bytes() if config else b""
    cache = setting.cache / "mypy" / hashlib.sha256(settings).hexdigest()[:12]
    if not cache.exists():
        logger.warning("mypy reads torch for the first time, which takes half a minute")
    with tempfile.TemporaryDirectory(prefix="artifact-torch-") as name:
        folder = _written(witness, Path(name))
        done = run_program(
            [*command, *mypy.arguments(folder, config, cache)],
            folder=config.parent if config else setting.project.root,
            environment=mypy.environment(os.environ, folder, setting.project),
            timeout=setting.timeout,
        )
    if done.status is None:
        return _late("mypy", setting), {}
    verdicts, trouble = mypy.read(done.output, done.errors, done.status, witness)
    net = Net(name="mypy", version=mypy.version(), seconds=done.seconds, trouble=trouble)
    return net, verdicts


def _written(witness: Witness, folder: Path) -> Path:
    folder = folder.resolve()  # a link would give the file two names
    (folder / FILE).write_text(witness.source, encoding="utf-8")
    return folder


def _absent(name: str) -> Judgement:
    trouble = f"it is not installed; run: {INSTALL[name]}"
    return Net(name=name, version="", seconds=0.0, trouble=trouble), {}


def _late(name: str, setting: Setting) -> Net:
    trouble = f"it did not finish within {setting.timeout:g} seconds; --timeout allows more"
    return Net(name=name, version="", seconds=setting.timeout, trouble=trouble)
