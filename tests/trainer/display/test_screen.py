"""Where words appear: on terminals of the tests' own, in pipes, and where nothing can be written."""

import fcntl
import io
import logging
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from artifact_torch.contracts import Moment
from artifact_torch.trainer.display.progress import Progress
from artifact_torch.trainer.display.screen import Mode

LAST = "epoch 2/2 |██████████| 8/8, größe 0.5"
LINES = ["epoch 1/2  step 8  größe 0.5", "epoch 2/2  step 16  größe 0.5"]
PROGRAM = """
from artifact_torch.contracts import Moment
from artifact_torch.trainer.display.progress import Progress

progress = Progress(MODE, 8, None, None)
for epoch in range(1, 100):
    progress.moment(Moment(epoch=epoch, step=8 * epoch), {"loss": 0.5})
    progress.say("a word")
progress.close()
print("done")
"""


@pytest.fixture(autouse=True)
def no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setenv("TERM", "xterm")


@contextmanager
def logging_to(*handlers: logging.Handler) -> Generator[None]:
    """Our records from INFO on go to `handlers` alone; with none, logging is not configured.

    Pytest has configured it.
    """
    logger = logging.getLogger("artifact_torch")
    before = logger.propagate, logger.level, logger.handlers
    logger.propagate, logger.handlers = False, [*handlers]
    logger.setLevel(logging.INFO if handlers else logging.NOTSET)
    try:
        yield
        assert logger.handlers == [*handlers]  # the bar's is gone
    finally:
        logger.propagate, level, logger.handlers = before
        logger.setLevel(level)


def run(mode: Mode, *handlers: logging.Handler) -> None:
    """Two epochs, each of which ends with a warning."""
    with logging_to(*handlers):
        progress = Progress(mode, 8, 2, None)
        progress.say("a summary")
        for epoch in (1, 2):
            progress.moment(Moment(epoch=epoch, step=8 * epoch), {"größe": 0.5})
            logging.getLogger("artifact_torch.stepping").warning("mind the gap")
            logging.getLogger("artifact_torch").debug("nobody asked for this")
        progress.close()
        progress.say("the end")


class Terminal:
    """What was written to it, complete once it is closed."""

    def __init__(self) -> None:
        self.ours, self.theirs = pty.openpty()
        self._parts: list[bytes] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self.ours, 1024)
            except OSError:  # Linux says so where the other end is closed
                return
            if not part:
                return
            self._parts.append(part)

    @property
    def text(self) -> str:
        self._reader.join()
        return b"".join(self._parts).decode().replace("\r\n", "\n")


@contextmanager
def terminal(
    monkeypatch: pytest.MonkeyPatch, *, rows: int = 40, columns: int = 80
) -> Generator[Terminal]:
    """Standard error is a terminal of that size inside."""
    made = Terminal()
    fcntl.ioctl(made.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    with monkeypatch.context() as patch, open(made.theirs, "w", encoding="utf-8") as stream:  # noqa: PTH123
        patch.setattr(sys, "stderr", stream)
        yield made
    made.text  # noqa: B018  (wait for it)
    os.close(made.ours)


def on_terminal(
    monkeypatch: pytest.MonkeyPatch, mode: Mode, *, rows: int = 40, columns: int = 80
) -> str:
    with terminal(monkeypatch, rows=rows, columns=columns) as made:
        run(mode)
    return made.text


def looks(written: str) -> list[str]:
    """What stood on the last line, one look after the other, and lines above."""
    return [each.rstrip() for each in re.split(r"[\r\n]", written) if each.strip()]


def test_a_terminal_has_a_bar_that_stays_and_that_warnings_do_not_tear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = on_terminal(monkeypatch, "auto")
    first = LAST.replace("2/2", "1/2")
    assert looks(written)[:4] == ["a summary", first, "mind the gap", first]
    assert looks(written)[-2:] == [LAST, "the end"]
    assert written.endswith(f"{LAST}\nthe end\n")
    assert "nobody asked" not in written
    # a warning begins on a line of its own, from which the bar was wiped
    assert re.search(r"\r +\rmind the gap\n", written)


def test_what_the_user_logs_does_not_tear_the_bar_and_is_not_written_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with terminal(monkeypatch) as made:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("LOG %(message)s"))
        run("auto", handler)
    found = looks(made.text)
    assert found.count("LOG mind the gap") == 2
    assert found.count("LOG the end") == 1
    assert found.count("mind the gap") == found.count("the end") == 0
    assert re.search(r"\r +\rLOG mind the gap\n", made.text)


def test_a_narrow_terminal_has_a_bar_of_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    written = on_terminal(monkeypatch, "auto", columns=20)
    bars = [look for look in looks(written) if look.startswith("epoch")]
    assert {*map(len, bars)} == {19}
    assert bars[-1] == LAST[:19]


@pytest.mark.parametrize(("term", "size"), [("dumb", 80), ("xterm", 0)])
def test_a_terminal_that_cannot_draw_or_has_no_size_has_lines(
    monkeypatch: pytest.MonkeyPatch, term: str, size: int
) -> None:
    monkeypatch.setenv("TERM", term)
    written = on_terminal(monkeypatch, "auto", rows=size, columns=size)
    expected = ["a summary", LINES[0], "mind the gap", "mind the gap", LINES[1], "the end"]
    assert written.splitlines() == expected


def test_a_terminal_without_a_size_has_a_bar_where_that_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert LAST in looks(on_terminal(monkeypatch, "bar", rows=0, columns=0))


@pytest.mark.parametrize("mode", ["bar", "lines"])
def test_no_color_is_used(monkeypatch: pytest.MonkeyPatch, mode: Mode) -> None:
    assert "\x1b[" not in on_terminal(monkeypatch, mode)


def test_nothing_but_warnings_where_nothing_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert on_terminal(monkeypatch, False) == "mind the gap\nmind the gap\n"


def test_a_bar_of_the_users_own_around_it_stays_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tqdm import tqdm

    with terminal(monkeypatch) as made:
        for _ in tqdm(range(1), bar_format="seeds {n}"):
            run("auto")
    last = made.text.splitlines()[-2:]
    assert "seeds 1" in last[1]
    assert LAST not in last[1]


@pytest.mark.parametrize("mode", ["bar", "lines"])
def test_what_cannot_be_encoded_is_written_otherwise(
    monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
    monkeypatch.setattr(sys, "stderr", stream)
    run(mode)
    stream.flush()
    assert rb"gr\xf6\xdfe 0.5" in raw.getvalue()
    assert raw.getvalue().endswith(b"\nthe end\n")


@pytest.mark.parametrize("mode", ["bar", "lines", "auto"])
def test_no_standard_error_ends_nothing(monkeypatch: pytest.MonkeyPatch, mode: Mode) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)  # of Python's own last resort
    closed = io.StringIO()
    closed.close()
    for stream in (None, closed):
        monkeypatch.setattr(sys, "stderr", stream)
        run(mode)


@pytest.mark.parametrize("mode", ["bar", "lines"])
def test_a_pipe_that_nobody_reads_ends_nothing(mode: str) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    program = PROGRAM.replace("MODE", repr(mode))
    try:
        done = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=theirs, check=False
        )
    finally:
        os.close(theirs)
    assert (done.stdout, done.returncode) == (b"done\n", 0)


def test_a_pipe_has_lines() -> None:
    program = PROGRAM.replace("MODE", '"auto"')
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout == "done\n"
    assert done.stderr.splitlines()[:2] == ["epoch 1  step 8  loss 0.5", "a word"]
    assert done.stderr.splitlines()[-1] == "epoch 99  step 792  loss 0.5"
