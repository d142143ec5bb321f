"""How long a program waits for an import: each in new Pythons, in turn with one that lacks it."""

import resource
from collections.abc import Callable, Sequence

from benchmarks.children import said_by
from benchmarks.measuring import Effort, Row, compared

BARE, TORCH = "pass", "import torch"
IMPORTS = (
    ("import artifact_torch", "import artifact_torch", BARE, 15.0),
    ("the command", "from artifact_torch.cli.main import main", BARE, None),
    ("Trainer, over torch", "import torch\nfrom artifact_torch import Trainer", TORCH, None),
    (
        "table_comparison, over torch and pandas",
        "import torch, pandas\nfrom artifact_torch.table_comparison import TableComparisonRoutine",
        "import torch, pandas",
        None,
    ),
    ("torch itself", TORCH, BARE, None),
)


def measure(effort: Effort) -> Sequence[Row]:
    return [
        _row(what, program, without, goal, effort)
        for what, program, without, goal in (IMPORTS[:1] if effort.tiny else IMPORTS)
    ]


def _row(what: str, program: str, without: str, goal: float | None, effort: Effort) -> Row:
    ways = {"without": of_new_python(without), "with": of_new_python(program)}
    found = compared(ways, effort.n_rounds)
    more = (found.median("with") - found.median("without")) * 1e3
    return Row(what=what, value=more, unit="ms", goal=goal)


def of_new_python(program: str) -> Callable[[], float]:
    """Its processor time, children of its own included."""

    def spent() -> float:
        before = _of_children()
        said_by(["-c", program])
        return _of_children() - before

    return spent


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
