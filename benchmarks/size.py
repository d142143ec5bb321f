"""How much of the package one small run goes through: what a reader has to know to follow it.

Counts, which are the same on every machine. `python -m benchmarks.size` lists every function that
was counted.
"""

import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import CodeType, FrameType
from unittest.mock import patch

import torch
from torch import nn

import artifact_torch
from artifact_torch import (
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    TensorTable,
    Trainer,
)
from artifact_torch.checking.annotations.forms import class_of
from artifact_torch.checking.assignability.relation import Relation
from artifact_torch.checking.members.members import Subject
from artifact_torch.checking.structure import check_members
from artifact_torch.errors import Violation
from benchmarks.loop.task import SMOKE, Net, Out, Rows
from benchmarks.measuring import Effort, Row

ROOT = Path(artifact_torch.__file__).parent
DOMAINS = {
    "binary_classification",
    "domain_kit",
    "multiclass_classification",
    "regression",
    "table_comparison",
}


def build(net: Net, n_batches: int = 1) -> Trainer[Rows, Out]:
    """A run of one epoch with one score."""
    zeros = torch.zeros(8 * n_batches, SMOKE.width)
    loader = DataLoader(TensorTable(Rows(x=zeros, target=zeros)), batch_size=8)
    return Trainer(
        OptimizerStep(net, optimizer=torch.optim.Adam, device="cpu"),
        train_loader=loader,
        stop=[EpochBoundStopper(max_n_epochs=1)],
        routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss")])],
        progress=False,
    )


def place(path: str) -> tuple[str, ...]:
    """`("trainer", "run.py")`; empty for a file that is not ours."""
    return Path(path).relative_to(ROOT).parts if Path(path).is_relative_to(ROOT) else ()


def touched(run: Callable[[], object]) -> set[tuple[str, str]]:
    """(file, function) of each of our functions that `run` calls.

    A comprehension or lambda counts with the function it is written in.
    """
    codes: set[CodeType] = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            codes.add(frame.f_code)

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return {
        ("/".join(place(code.co_filename)), code.co_qualname.partition(".<locals>.<")[0])
        for code in codes
        if place(code.co_filename)
    }


def compared(run: Callable[[], object]) -> Counter[tuple[str, int, object]]:
    """How often `run` compares each object (or class) with each contract."""
    pairs: Counter[tuple[str, int, object]] = Counter()

    def counted(subject: Subject, contract: object, relation: Relation) -> list[Violation]:
        pairs[subject.cls.__name__, id(subject.instance), class_of(contract)] += 1
        return check_members(subject, contract, relation)

    with patch("artifact_torch.checking.contract.check_members", counted):
        run()
    return pairs


def frames_to_forward(net: Net) -> list[str]:
    """Our functions between the caller of `train()` and the model, outermost first.

    At the last of some batches: the first few are checked on their way.
    """
    found: list[str] = []

    def note(module: nn.Module, _arguments: object) -> None:
        if module.training:
            found.clear()
            frame = inspect.currentframe()
            while frame is not None:
                if place(frame.f_code.co_filename):
                    found.insert(0, frame.f_code.co_qualname)
                frame = frame.f_back

    handle = net.register_forward_pre_hook(note)
    build(net, n_batches=9).train()
    handle.remove()
    return found


def lines(folders: Iterable[str]) -> int:
    """Of all files in the folders; "" is the root of the package alone."""
    files = [
        file
        for folder in folders
        for file in (ROOT.glob("*.py") if not folder else (ROOT / folder).rglob("*.py"))
    ]
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)


def measure(_effort: Effort) -> Sequence[Row]:
    net = Net(SMOKE)
    build(net).train()  # imports, and answers that are kept, once
    trainer = touched(lambda: build(net).train())
    core = {(file, name) for file, name in trainer if not file.startswith("checking/")}
    pairs = compared(lambda: build(net))
    frames = frames_to_forward(net)
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    own = {"", *folders} - DOMAINS - {"checking", "cli", "testing", "__pycache__"}
    counts = {
        "functions of a run of 1 epoch, 1 batch, 1 score": len(trainer),
        "of them without checking": len(core),
        "files of such a run": len({file for file, _ in trainer}),
        "contracts compared at build": pairs.total(),
        "of them distinct": len(pairs),
        f"own frames to forward ({' > '.join(frames)})": len(frames),
        "lines of the core": lines(own),
        "lines of checking, command and test kit": lines({"checking", "cli", "testing"}),
        "lines of domains": lines(DOMAINS),
    }
    return [Row(what=what, value=count) for what, count in counts.items()]


def main() -> None:
    """Every function, and how often what was compared."""
    net = Net(SMOKE)
    build(net).train()
    print(
        *sorted(f"{file}: {name}" for file, name in touched(lambda: build(net).train())), sep="\n"
    )
    pairs = compared(lambda: build(net)).most_common()
    print(*(f"{times} x {name}" for (name, *_), times in pairs), sep="\n")


if __name__ == "__main__":
    main()
