"""The sections of the table; as a program, one of them: `python -m benchmarks.sections loop`."""

import argparse
import json
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import final

from benchmarks.measuring import Effort, Measure


@final
@dataclass(frozen=True, kw_only=True)
class Section:
    """Where it is measured, and what is said above its rows."""

    title: str
    module: str
    about: str
    """What the ratio is to, and which clock."""


SECTIONS = {
    "loop": Section(
        title="The loop",
        module="benchmarks.loop.section",
        about="processor time of a step; ratio to the loop written by hand, in the same process",
    ),
    "data": Section(
        title="The data path",
        module="benchmarks.data_path",
        about="processor time of a pass over the batches, nothing trained; ratio to index_select",
    ),
    "validation": Section(
        title="Training while plots are drawn",
        module="benchmarks.stall",
        about="steps per second, as a share of those without any validation; time on the clock",
    ),
    "checkpoints": Section(
        title="Saving and restoring",
        module="benchmarks.checkpoints",
        about="time on the clock that training waits; ratio to torch.save of the same state",
    ),
    "memory": Section(
        title="Peak memory",
        module="benchmarks.memory",
        about="more than before the call; ratio to the bytes of the weights",
    ),
    "record": Section(
        title="Recording a score",
        module="benchmarks.record",
        about="processor time of the training thread",
    ),
    "report": Section(
        title="The report of a long run",
        module="benchmarks.report_page",
        about="processor time",
    ),
    "ledger": Section(
        title="The ledger",
        module="benchmarks.ledger",
        about="processor time of a step; ratio to the same update without a ledger; and of digests alone",
    ),
    "checks": Section(
        title="The run-time checks",
        module="benchmarks.checks",
        about="processor time",
    ),
    "import": Section(
        title="Start-up",
        module="benchmarks.importing",
        about="processor time of a new Python; more than that of a Python that imports nothing, or torch",
    ),
    "generation": Section(
        title="Generation by the demo's model",
        module="benchmarks.generation",
        about="processor time, the decoded DataFrame included",
    ),
    "demo": Section(
        title="The demo",
        module="benchmarks.whole_demo",
        about="one run with its default configuration, from the start of Python to the end",
    ),
    "epoch": Section(
        title="Where the time of an epoch goes",
        module="benchmarks.one_epoch",
        about="processor time of an epoch; ratio to the whole of it",
    ),
    "growth": Section(
        title="How cost grows",
        module="benchmarks.growth",
        about="processor time; ratio to the smallest of the same kind",
    ),
    "size": Section(
        title="How much one small run goes through",
        module="benchmarks.size",
        about="counts, the same on every machine",
    ),
}


def measure(section: Section, effort: Effort) -> list[dict[str, object]]:
    measure: Measure = import_module(section.module).measure
    return [asdict(row) for row in measure(effort)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=[*SECTIONS])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tiny", action="store_true")
    options = parser.parse_args()
    effort = Effort(n_rounds=options.rounds, tiny=options.tiny)
    print(json.dumps(measure(SECTIONS[options.name], effort)))


if __name__ == "__main__":
    main()
