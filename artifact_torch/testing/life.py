"""One life of a run, in a process that was forked for it."""

import logging
import os
import pickle
import random
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeGuard, final

import numpy as np

from artifact_torch.contracts import InT, OutT
from artifact_torch.errors import ConfigurationError
from artifact_torch.internal.arguments import shown
from artifact_torch.testing.asked import Answer, Life, Seeds, Short
from artifact_torch.testing.beside import compute_here
from artifact_torch.testing.going_on import train_on
from artifact_torch.testing.outcome import (
    first_difference,
    outcome_of,
    read_outcome,
    write_outcome,
)
from artifact_torch.testing.places import Places
from artifact_torch.trainer.trainer import Trainer


def seeds() -> Seeds:
    """As they are now."""
    return random.getstate(), np.random.get_state(legacy=False)  # noqa: NPY002


def live(life: Life, after_import: Seeds) -> NoReturn:
    """Build, go on, train to the end, compare; the answer is in the folder of notes."""
    os.setsid()  # so that all that it starts can be ended with it
    _listen(life)
    # a fork begins Python's generator anew, where a process of its own has what the module left
    _give_back(*(after_import if life.seeds is None else life.seeds))
    heard = _Warnings()
    logging.getLogger("artifact_torch").addHandler(heard)
    places = Places(life.folder, life.fault)
    try:
        answer = _answer(life, places, heard)
    except BaseException as error:  # noqa: BLE001  (SystemExit of a client among them)
        places.rest()
        text = "".join(traceback.format_exception(error))
        answer = Answer(
            places=places.passed,
            difference=None,
            said=heard.said,
            error=text,
            kind=type(error).__name__,
        )
    (life.notes / "modules.txt").write_text(" ".join(sys.modules), encoding="utf-8")
    written = life.notes / "answer.new"
    written.write_bytes(pickle.dumps(answer))
    written.rename(life.notes / "answer")
    os._exit(0 if answer.error is None else 1)  # whatever threads there are


def _answer(life: Life, places: Places, heard: "_Warnings") -> Answer:
    make_trainer: Callable[[Path], object] = pickle.loads(life.function)  # noqa: S301  (of whoever asks)
    places.watch()
    compute_here()
    trainer = make_trainer(life.folder)
    if not _is_trainer(trainer):
        name = getattr(make_trainer, "__qualname__", "make_trainer")
        raise ConfigurationError(
            f"{name}: got {shown(trainer)}, expected the Trainer that it makes; return it untrained"
        )
    return _trained(life, trainer, places, heard)


# Any: of which batches and outputs is between the trainer and the function that makes it
def _is_trainer(value: object) -> TypeGuard[Trainer[Any, Any]]:
    return isinstance(value, Trainer)


def _trained(life: Life, trainer: Trainer[InT, OutT], places: Places, heard: "_Warnings") -> Answer:
    result = train_on(trainer, life.folder)
    passed = list(places.passed)
    places.rest()
    outcome, difference = outcome_of(trainer, result), None
    if life.outcome.exists():
        difference = first_difference(read_outcome(life.outcome), outcome, life.ignore)
    else:
        write_outcome(outcome, life.outcome)
    return Answer(places=passed, difference=difference, said=heard.said)


def _listen(life: Life) -> None:
    """What the process prints goes to a file; nowhere, where files cannot grow."""
    said = os.devnull if isinstance(life.fault, Short) else life.notes / "output.txt"
    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)


def _give_back(python: Any, numpy: Any) -> None:  # Any: states as their libraries have them
    random.setstate(python)
    np.random.set_state(numpy)  # noqa: NPY002


@final
class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """One more."""
        self.said.append(record.getMessage())
