"""W&B has each result in the row of its step; what it would drop is said.

The library is stood in for by what it publishes: its calls, that values of the newest step are kept
open for more, and that a step behind it is dropped.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import final

import pytest

from artifact_torch import WandbClient
from artifact_torch.contracts import Ending
from tests.tracking.recorded import (
    PLOT,
    all_kinds,
    identity,
    picture,
    recorded,
    score,
    scores,
    sent,
)


@final
class WandbRun:
    """As W&B's."""

    def __init__(self, server: "Server", run_id: str) -> None:
        self.id, self._server = run_id, server
        self.history = server.histories.setdefault(run_id, {})
        self.step = max(self.history, default=-1) + 1
        self.config = self
        self.summary: dict[str, str] = {}

    def update(self, settings: Mapping[str, object], *, allow_val_change: bool) -> None:
        assert allow_val_change
        self._server.settings.update(settings)

    def log(self, data: Mapping[str, object], *, step: int) -> None:
        assert step >= self.step, "W&B drops this with a warning of its own"
        self.history.setdefault(step, {}).update(data)
        self.step = step

    def save(self, path: str, *, base_path: str, policy: str) -> None:
        self._server.files.append((path, base_path, policy))

    def finish(self, *, exit_code: int) -> None:
        self._server.ended.append((exit_code, self.summary.get("ended")))


@final
class Server:
    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []
        self.histories: dict[str, dict[int, dict[str, object]]] = {}
        self.settings: dict[str, object] = {}
        self.files: list[tuple[str, str, str]] = []
        self.ended: list[tuple[int, str | None]] = []

    def init(self, *, id: str, **options: object) -> WandbRun:  # noqa: A002
        self.asked.append(options)
        return WandbRun(self, id)


def as_settings(**options: object) -> dict[str, object]:
    return options


def image(path: str) -> str:
    return f"image {path}"


def histogram(values: Sequence[float]) -> str:
    return f"histogram of {list(map(float, values))}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    module, server = ModuleType("wandb"), Server()
    parts = {"init": server.init, "Image": image, "Histogram": histogram, "Settings": as_settings}
    for name, value in parts.items():
        monkeypatch.setattr(module, name, value, raising=False)
    monkeypatch.setitem(sys.modules, "wandb", module)
    return server


def test_all_kinds_in_one_row_a_step(server: Server, tmp_path: Path) -> None:
    client = sent(WandbClient(project="toys", mode="offline"))
    assert server.asked == []  # to build it starts nothing
    kept = client.begin(identity(tmp_path))
    assert server.asked == [
        {
            "project": "toys",
            "entity": None,
            "group": None,
            "mode": "offline",
            "name": "vae",
            "resume": "allow",
            "settings": {"console": "off"},
        }
    ]
    client.log_settings({"lr": 0.1})
    client.log_results([*all_kinds(15, tmp_path), score("epoch", 7.0, 15)])
    client.log_results(scores(15, late=2.0))
    client.log_results(scores(20, loss=0.5))
    client.log_file(tmp_path / "a[1].json", "a")
    assert server.settings == {"lr": 0.1}
    assert server.files == [(f"{tmp_path}/a[[]1].json", str(tmp_path), "now")]
    assert server.histories[kept["id"]] == {
        15: {
            "epoch": 1,
            "seconds": 30.0,
            "loss": 1 / 15,
            "JS/income %": 1.5,
            "JS/age": 0.5,
            "score/epoch": 7.0,
            "P": f"image {tmp_path}/one.png",
            "PC/age": f"image {tmp_path}/one.png",
            "A": "histogram of [15.0, 1.0]",
            "AC/age": "histogram of [15.0, 1.0]",
            "late": 2.0,
        },
        20: {"epoch": 2, "seconds": 40.0, "loss": 0.5},
    }


def test_a_run_is_continued_under_its_id(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    client = sent(WandbClient(project="toys", run_name="mine"))
    kept = client.begin(identity(tmp_path))
    for step in (5, 10, 15):
        client.log_results(scores(step, loss=1 / step))
    resumed = sent(WandbClient(project="toys"))
    assert resumed.begin(identity(tmp_path, kept)) == kept
    assert [each["name"] for each in server.asked] == ["mine", "vae"]
    for step in (10, 15, 20):
        resumed.log_results(scores(step, loss=1 / step))
    rows = server.histories[kept["id"]]
    assert {step: row["loss"] for step, row in rows.items()} == {
        step: 1 / step for step in (5, 10, 15, 20)
    }
    assert caplog.messages == [
        (
            "W&B takes no step before 16: the results of step 10 are left out, and so are all to "
            "come before it."
        )
    ]


def test_a_begin_that_is_called_again_makes_no_second_run(server: Server, tmp_path: Path) -> None:
    client = sent(WandbClient(project="toys"))
    first = client.begin(identity(tmp_path))
    assert client.begin(identity(tmp_path)) == first
    other = client.begin(identity(tmp_path / "another"))
    client.end("finished", "")
    again = client.begin(identity(tmp_path))  # the folder was deleted
    assert len({each["id"] for each in (first, other, again)}) == 3


@pytest.mark.parametrize(
    ("how", "reason", "expected"),
    [
        ("finished", "", (0, "finished")),
        ("failed", "ValueError: one", (1, "ValueError: one")),
        ("killed", "by SIGTERM", (255, "by SIGTERM")),
    ],
)
def test_a_run_ends_with_an_exit_code(
    how: Ending, reason: str, expected: tuple[int, str | None], server: Server, tmp_path: Path
) -> None:
    client = sent(WandbClient())
    client.begin(identity(tmp_path))
    client.end(how, reason)
    assert server.ended == [expected]


def test_a_picture_that_w_and_b_does_not_take_is_left_out(server: Server, tmp_path: Path) -> None:
    client = sent(WandbClient())
    kept = client.begin(identity(tmp_path))
    client.log_results([recorded(PLOT, "P", picture(tmp_path, "one.svg"), 10)])
    assert server.histories[kept["id"]] == {10: {"epoch": 1, "seconds": 20.0}}
