"""Clients that take what was recorded: of the user's own, and the four that are shipped."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from artifact_torch import CsvClient, EpochBoundStopper, MLflowClient, OptimizerStep, TensorBoardClient, Trainer, WandbClient
from artifact_torch.contracts import Ending, Recorded, ResultsClient, RunIdentity, TrackingClient
from typecheck.common import VAE, CodesLoader, VAEInput, VAEOutput, adam
from typing_extensions import assert_type


def client(client: ResultsClient, /) -> None: ...


class Prints:
    def begin(self, run: RunIdentity) -> Mapping[str, str]:
        return {"id": run.kept.get("id", run.name)}

    def log_settings(self, settings: Mapping[str, object]) -> None:
        print(dict(settings))

    def log_results(self, results: Sequence[Recorded]) -> None:
        for each in results:
            print(each.epoch, each.step, each.seconds, each.time, each.kind.value, each.name, each.value)

    def log_file(self, path: Path, name: str) -> None:
        print(name, path.stat().st_size)

    def end(self, how: Ending, reason: str) -> None:
        print(how, reason)


class AsksForLess:
    """It takes more than it is given, returns less, and more than that is optional."""

    def begin(self, run: object) -> dict[str, str]:
        return {}

    def log_settings(self, settings: object, extra: int = 0) -> None: ...
    def log_results(self, results: Sequence[object]) -> None: ...
    def log_file(self, path: Path, name: object = None) -> None: ...
    def end(self, how: str, reason: str = "", timeout_s: float = 60.0) -> None: ...


class ScoresAlone:
    """`value` narrows to what a score is."""

    def begin(self, run: RunIdentity) -> Mapping[str, str]:
        return {}

    def log_settings(self, settings: Mapping[str, object]) -> None: ...

    def log_results(self, results: Sequence[Recorded]) -> None:
        scores = {each.name: each.value for each in results if isinstance(each.value, float)}
        assert_type(scores, dict[str, float])  # OK

    def log_file(self, path: Path, name: str) -> None: ...
    def end(self, how: Ending, reason: str) -> None: ...


client(Prints())  # OK
client(AsksForLess())  # OK
client(ScoresAlone())  # OK
client(CsvClient("scores.csv"))  # OK
client(CsvClient(path=Path("scores.csv")))  # OK
client(MLflowClient(experiment="demo"))  # OK
client(MLflowClient(experiment="demo", run_name="first", tracking_uri="file:mlruns"))  # OK
client(TensorBoardClient("runs/1"))  # OK
client(TensorBoardClient(folder=Path("runs") / "1"))  # OK
client(WandbClient(project="demo", mode="offline"))  # OK
client(WandbClient(entity="us", group="g", run_name="first"))  # OK
assert_type(MLflowClient(experiment="demo").arguments, Mapping[str, str | None])  # OK


def both(theirs: TrackingClient) -> None:
    trainer = Trainer(
        OptimizerStep(VAE(), optimizer=adam),
        train_loader=CodesLoader(),
        stop=[EpochBoundStopper(max_n_epochs=1)],
        tracking_clients=[theirs, Prints(), CsvClient("scores.csv")],
    )
    assert_type(trainer, Trainer[VAEInput, VAEOutput])  # OK


def of_one_kind(clients: list[CsvClient], ours: Sequence[ResultsClient]) -> None:
    step, stop = OptimizerStep(VAE(), optimizer=adam), [EpochBoundStopper(max_n_epochs=1)]
    Trainer(step, train_loader=CodesLoader(), stop=stop, tracking_clients=clients)  # OK
    Trainer(step, train_loader=CodesLoader(), stop=stop, tracking_clients=ours)  # OK
