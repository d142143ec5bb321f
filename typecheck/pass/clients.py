"""Clients that take all results of a moment: of the user's own, and the four that are shipped."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from artifact_torch import CsvClient, EpochBoundStopper, MLflowClient, OptimizerStep, TensorBoardClient, Trainer, WandbClient
from artifact_torch.contracts import Failure, Moment, Result, ResultsClient, TrackingClient
from artifact_torch.tracking import RunRecorder
from typecheck.common import VAE, CodesLoader, VAEInput, VAEOutput, adam
from typing_extensions import assert_type


def client(client: ResultsClient, /) -> None: ...


class Prints:
    def log_results(self, results: Sequence[Result | Failure], moment: Moment) -> None:
        print(moment.epoch, moment.step, moment.seconds, [each.name for each in results])

    def log_settings(self, settings: Mapping[str, object]) -> None:
        print(dict(settings))

    def flush(self) -> None: ...


class AsksForLess:
    """It takes more than it is given, and more than that is optional."""

    def log_results(self, results: Sequence[object], moment: object, extra: int = 0) -> None: ...
    def log_settings(self, settings: object) -> None: ...
    def flush(self, timeout_s: float = 60.0) -> None: ...


client(Prints())  # OK
client(AsksForLess())  # OK
client(CsvClient("scores.csv"))  # OK
client(CsvClient(Path("scores.csv")))  # OK
client(MLflowClient(experiment="demo"))  # OK
client(MLflowClient(experiment="demo", run_name="first", tracking_uri="file:mlruns"))  # OK
client(TensorBoardClient("runs/1"))  # OK
client(TensorBoardClient(Path("runs") / "1"))  # OK
client(WandbClient(project="demo", mode="offline"))  # OK
assert_type(MLflowClient(experiment="demo").run_id, str)  # OK
RunRecorder(Prints())  # OK


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
