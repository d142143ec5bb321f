"""Files of one's own in the run folder reach the client at an end of the run."""

from pathlib import Path

from artifact_torch.tracking.delivery.deliver import Deliverer, Patience
from tests.tracking.delivery.memory import Backend, MemoryClient
from tests.tracking.delivery.recording import Recording


def put(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("a,b\n1,2\n", encoding="utf-8")


def test_files_are_given_before_the_end_again_at_the_next_one(tmp_path: Path) -> None:
    folder, backend = tmp_path / "vae", Backend()
    record = Recording(folder)
    record.begin()
    put(folder, "files/tabular_data/one.csv")
    put(folder, "files/.two.csv.new")  # being written
    put(folder, "other/three.csv")
    record.end("finished", "all")
    deliverer = Deliverer(MemoryClient(backend), folder, "memory")
    assert deliverer.deliver()
    given = ("file", "files/tabular_data/one.csv")
    assert backend.calls[1:] == [given, ("end", ("finished", "all"))]
    record.begin()
    put(folder, "files/two.csv")
    record.end("finished", "all")
    assert deliverer.deliver()
    assert backend.calls[-3:] == [given, ("file", "files/two.csv"), ("end", ("finished", "all"))]


def test_one_that_the_backend_refuses_is_given_again(tmp_path: Path) -> None:
    folder, backend = tmp_path / "vae", Backend()
    record = Recording(folder)
    record.begin()
    put(folder, "files/one.csv")
    record.end("finished", "all")
    errors = [ConnectionError("refused")]

    def meet(what: str) -> None:
        if what == "file" and errors:
            raise errors.pop()

    client = MemoryClient(backend, meet)
    deliverer = Deliverer(
        client, folder, "memory", patience=Patience(first_pause=0, longest_pause=0)
    )
    assert not deliverer.deliver()
    assert deliverer.deliver()
    assert backend.calls[-2:] == [("file", "files/one.csv"), ("end", ("finished", "all"))]
