"""The process that trains dies in the ways that processes do; what it recorded is delivered."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tracking.delivery.doubles import FileClient, called, had
from tests.tracking.delivery.running import all_of, delivered, lives, results, until

ROOT = Path(__file__).parents[3]

# without a guard: whoever imported it again would train again
PROGRAM = """
import os, signal, sys, time
from pathlib import Path
from artifact_torch.tracking.delivery.delivery import Delivery
from tests.tracking.delivery.doubles import FileClient, called
from tests.tracking.delivery.recording import Recording

folder, out, ending = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
with out.with_suffix(".runs").open("a") as file:
    file.write("a run\\n")
record, delivery = Recording(folder), Delivery([FileClient(out)], folder)
record.begin(lr=0.1)
delivery.start()
while not called(out, "begin"):
    time.sleep(0.01)
for step in range(1, 50):
    record.scores(step, loss=1 / step, accuracy=0.5)
if ending == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
if ending == "exits":
    sys.exit(0)
if ending == "leaves":
    os._exit(0)
for number in (signal.SIGINT, signal.SIGHUP):  # ignored where the tests run in the background
    signal.signal(number, signal.SIG_DFL)
print("waits", flush=True)
time.sleep(3600)
"""


def started(folder: Path, out: Path, ending: str) -> "subprocess.Popen[bytes]":
    path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    return subprocess.Popen(  # noqa: S603 our own program
        [sys.executable, "-c", PROGRAM, str(folder), str(out), ending],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.parametrize("ending", ["killed", "exits", "leaves"])
def test_what_a_process_recorded_before_it_died_is_delivered(tmp_path: Path, ending: str) -> None:
    folder, out = tmp_path / "vae", tmp_path / "out"
    with started(folder, out, ending) as program:
        assert program.wait() == {"killed": -signal.SIGKILL}.get(ending, 0)
    until(lambda: called(out, "end"))
    assert had(out) == all_of(*range(1, 50))
    reason = "the process that trained is gone"
    assert called(out, "end") == [{"what": "end", "how": "killed", "reason": reason}]
    until(lambda: not lives(called(out, "begin")[0]["process"]))
    assert out.with_suffix(".runs").read_text(encoding="utf-8") == "a run\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signals_of_the_group_reach_the_training_alone(
    tmp_path: Path, number: signal.Signals
) -> None:
    folder, out = tmp_path / "vae", tmp_path / "out"
    with started(folder, out, "waits") as program:
        assert program.stdout is not None
        assert program.stdout.readline() == b"waits\n"
        (begun,) = called(out, "begin")
        assert isinstance(begun["process"], int)
        os.kill(begun["process"], number)  # as a scheduler does, to each process
        os.killpg(program.pid, number)  # as a terminal does
        program.wait()
    until(lambda: called(out, "end"))
    assert had(out) == all_of(*range(1, 50))
    until(lambda: not lives(begun["process"]))


def test_the_next_run_goes_on_where_the_last_one_was_killed(tmp_path: Path) -> None:
    folder, out = tmp_path / "vae", tmp_path / "out"
    with started(folder, out, "killed") as program:
        program.wait()
    # at once: the process of the last run may still deliver
    with delivered(folder, FileClient(out), step=20) as (record, delivery):
        results(record, *range(21, 60))
    assert delivery.outages == {}
    assert len(had(out)) == 118
    assert {*had(out)} == {*all_of(*range(1, 60))}
    assert len(called(out, "sent")) == len(had(out))
    assert called(out, "end")[-1]["how"] == "finished"
    until(lambda: not any(lives(each["process"]) for each in called(out, "begin")))
