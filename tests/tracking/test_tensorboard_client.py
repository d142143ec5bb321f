"""TensorBoard shows each result once, at its step, however the run was interrupted."""

import json
import resource
import signal
from pathlib import Path

import pytest

from artifact_torch import TensorBoardClient
from artifact_torch.tracking import event_files
from tests.tracking import tensorboard_double
from tests.tracking.recorded import NOON, PLOT, all_kinds, identity, picture, recorded, scores, sent
from tests.tracking.tensorboard_double import shown


@pytest.fixture(autouse=True)
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    tensorboard_double.install(monkeypatch)


def new_client(folder: Path) -> TensorBoardClient:
    return sent(TensorBoardClient(folder / "tb"))


def numbers(folder: Path, tag: str) -> list[tuple[int, float]]:
    return [(step, value.simple_value) for step, _, value in shown(folder / "tb").get(tag, [])]


def test_all_kinds_at_the_step_and_time(tmp_path: Path) -> None:
    client = new_client(tmp_path)
    assert not (tmp_path / "tb").exists()  # to build it opens nothing
    client.begin(identity(tmp_path))
    client.log_settings({"lr": 0.1, "folder": tmp_path})
    client.log_results(all_kinds(15, tmp_path))  # in the file at once: nothing is closed
    found = shown(tmp_path / "tb")
    (text,) = found.pop("settings")[0][2].tensor.string_val
    assert json.loads(text) == {"lr": 0.1, "folder": str(tmp_path)}
    assert all(line.startswith("    ") for line in text.decode().splitlines())
    assert {tag: [each[:2] for each in values] for tag, values in found.items()} == {
        tag: [(15, NOON + 30.0)]
        for tag in ("epoch", "loss", "JS/income %", "JS/age", "P", "PC/age", "A", "AC/age")
    }
    values = {tag: each[0][2] for tag, each in found.items()}
    assert [values[tag].simple_value for tag in ("epoch", "loss", "JS/income %")] == [
        1,
        1 / 15,
        1.5,
    ]
    image = values["PC/age"].image
    assert image is not None
    assert (image.width, image.height) == (30, 20)
    assert image.encoded_image_string == (tmp_path / "one.png").read_bytes()
    assert values["A"].tensor.floats == values["AC/age"].tensor.floats == [15.0, 1.0]


def test_what_comes_again_hides_what_was_there(tmp_path: Path) -> None:
    client = new_client(tmp_path)
    client.begin(identity(tmp_path))
    for step in (5, 10, 15, 20):
        client.log_results(scores(step, loss=step))
    client.log_results(scores(10, loss=-10.0))  # after a `restore()`
    client.log_results(scores(10, late=1.0))
    client.log_results(scores(15, loss=-15.0))
    assert numbers(tmp_path, "loss") == [(5, 5.0), (10, -10.0), (15, -15.0)]
    assert numbers(tmp_path, "epoch") == [(5, 0.0), (10, 1.0), (15, 1.0)]
    assert numbers(tmp_path, "late") == [(10, 1.0)]


def test_a_run_is_continued_in_its_folder(tmp_path: Path) -> None:
    client = new_client(tmp_path)
    kept = client.begin(identity(tmp_path))
    client.log_settings({"lr": 0.1})
    for step in (5, 10, 15):
        client.log_results(scores(step, loss=step))
    resumed = new_client(tmp_path)  # the first was killed: it did not end
    assert resumed.begin(identity(tmp_path, kept)) == kept
    resumed.log_settings({"lr": 0.1})
    resumed.log_results(scores(15, loss=15.0, late=1.0))  # told again, with more
    resumed.log_results(scores(20, loss=20.0))
    resumed.end("finished", "")
    assert numbers(tmp_path, "loss") == [(5, 5.0), (10, 10.0), (15, 15.0), (20, 20.0)]
    assert numbers(tmp_path, "epoch") == [(5, 0.0), (10, 1.0), (15, 1.0), (20, 2.0)]
    assert numbers(tmp_path, "late") == [(15, 1.0)]
    assert len(shown(tmp_path / "tb")["settings"]) == 1
    rewound = new_client(tmp_path)
    rewound.begin(identity(tmp_path, kept))
    rewound.log_results(scores(10, loss=-10.0))
    assert numbers(tmp_path, "loss") == [(5, 5.0), (10, -10.0)]
    another = new_client(tmp_path)
    another.begin(identity(tmp_path))  # a new run
    another.log_results(scores(10, accuracy=1.0))
    assert set(shown(tmp_path / "tb")) == {"epoch", "accuracy"}


def test_a_torn_file_and_a_clock_that_goes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = new_client(tmp_path)
    kept = client.begin(identity(tmp_path))
    for step in (5, 10):
        client.log_results(scores(step, loss=step))
    (file,) = (tmp_path / "tb").iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    monkeypatch.setattr(event_files, "time", lambda: 1000.0)
    resumed = new_client(tmp_path)
    resumed.begin(identity(tmp_path, kept))
    assert numbers(tmp_path, "loss") == [(5, 5.0)]
    resumed.log_results(scores(10, loss=10.0))
    assert numbers(tmp_path, "loss") == [(5, 5.0), (10, 10.0)]


def test_what_could_not_be_written_is_written_later(tmp_path: Path) -> None:
    client = new_client(tmp_path)
    client.begin(identity(tmp_path))
    client.log_results(scores(5, loss=5.0))

    (file,) = (tmp_path / "tb").iterdir()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 5, limit[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            client.log_results(scores(10, loss=10.0))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, before)
    client.log_results(scores(10, loss=10.0))
    client.log_results(scores(15, loss=15.0))
    assert numbers(tmp_path, "loss") == [(5, 5.0), (10, 10.0), (15, 15.0)]


def test_a_picture_that_is_none_or_gone_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    drawing, gone = picture(tmp_path, "one.svg"), tmp_path / "gone.png"
    client = new_client(tmp_path)
    client.begin(identity(tmp_path))
    plots = {"drawing": drawing, "gone": gone}
    results = [recorded(PLOT, name, path, 10) for name, path in plots.items()]
    client.log_results([*results, *scores(10, loss=0.5)])
    assert set(shown(tmp_path / "tb")) == {"epoch", "loss"}
    assert caplog.messages == [f"The plot 'gone' is left out: {gone} is not there."]
