"""Clients of the wrong shape, and shipped ones that are built wrongly."""

from collections.abc import Mapping, Sequence

from artifact_torch import CsvClient, EpochBoundStopper, MLflowClient, OptimizerStep, TensorBoardClient, Trainer
from artifact_torch.contracts import Failure, Moment, Result, ResultsClient
from typecheck.common import VAE, CodesLoader, adam


def client(client: ResultsClient, /) -> None: ...


class NoSettings:
    def log_results(self, results: Sequence[Result | Failure], moment: Moment) -> None: ...
    def flush(self) -> None: ...


class NoFlush:
    def log_results(self, results: Sequence[Result | Failure], moment: Moment) -> None: ...
    def log_settings(self, settings: Mapping[str, object]) -> None: ...


class WithoutMoment:
    def log_results(self, results: Sequence[Result | Failure]) -> None: ...
    def log_settings(self, settings: Mapping[str, object]) -> None: ...
    def flush(self) -> None: ...


class Swapped:
    def log_results(self, moment: Moment, results: Sequence[Result | Failure]) -> None: ...
    def log_settings(self, settings: Mapping[str, object]) -> None: ...
    def flush(self) -> None: ...


class NoFailures:
    """A result may be one that failed."""

    def log_results(self, results: Sequence[Result], moment: Moment) -> None: ...
    def log_settings(self, settings: Mapping[str, object]) -> None: ...
    def flush(self) -> None: ...


class ByStep:
    def log_results(self, results: Sequence[Result | Failure], moment: int) -> None: ...
    def log_settings(self, settings: Mapping[str, object]) -> None: ...
    def flush(self) -> None: ...


class TextSettings:
    def log_results(self, results: Sequence[Result | Failure], moment: Moment) -> None: ...
    def log_settings(self, settings: Mapping[str, str]) -> None: ...
    def flush(self) -> None: ...


class FlushesWithin:
    def log_results(self, results: Sequence[Result | Failure], moment: Moment) -> None: ...
    def log_settings(self, settings: Mapping[str, object]) -> None: ...
    def flush(self, timeout_s: float) -> None: ...


class Async:
    async def log_results(self, results: Sequence[Result | Failure], moment: Moment) -> None: ...
    def log_settings(self, settings: Mapping[str, object]) -> None: ...
    def flush(self) -> None: ...


client(NoSettings())  # E[pyright=reportArgumentType: "log_settings" is not present, mypy=arg-type: "NoSettings"]
client(NoFlush())  # E[pyright=reportArgumentType: "flush" is not present, mypy=arg-type: "NoFlush"]
client(WithoutMoment())  # E[pyright=reportArgumentType: "log_results" is an incompatible, mypy=arg-type: "WithoutMoment"]
client(Swapped())  # E[pyright=reportArgumentType: "log_results" is an incompatible, mypy=arg-type: "Swapped"]
client(NoFailures())  # E[pyright=reportArgumentType: "log_results" is an incompatible, mypy=arg-type: "NoFailures"]
client(ByStep())  # E[pyright=reportArgumentType: "log_results" is an incompatible, mypy=arg-type: "ByStep"]
client(TextSettings())  # E[pyright=reportArgumentType: "log_settings" is an incompatible, mypy=arg-type: "TextSettings"]
client(FlushesWithin())  # E[pyright=reportArgumentType: "flush" is an incompatible, mypy=arg-type: "FlushesWithin"]
client(Async())  # E[pyright=reportArgumentType: Coroutine, mypy=arg-type: "Async"]
client(CsvClient)  # E[pyright=reportArgumentType: "type\[CsvClient\]", mypy=arg-type: "type\[CsvClient\]"]
client("scores.csv")  # E[pyright=reportArgumentType: "log_results" is not present, mypy=arg-type: "str"]
CsvClient()  # E[pyright=reportCallIssue: 1 more positional, mypy=call-arg: Too few arguments]
CsvClient(path="scores.csv")  # E[pyright=reportCallIssue, mypy=call-arg]
CsvClient(5)  # E[pyright=reportArgumentType: Literal\[5\], mypy=arg-type: "int"]
MLflowClient("demo")  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
MLflowClient(experiment=None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "None"]
MLflowClient(experiment="demo", run="first")  # E[pyright=reportCallIssue: "run", mypy=call-arg: "run"]
TensorBoardClient(None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "None"]
step, stop = OptimizerStep(VAE(), optimizer=adam), [EpochBoundStopper(max_n_epochs=1)]
Trainer(step, train_loader=CodesLoader(), stop=stop, tracking_clients=[NoFlush()])  # E[pyright=reportArgumentType: list\[NoFlush\], mypy=list-item: "NoFlush"]
Trainer(step, train_loader=CodesLoader(), stop=stop, tracking_clients=CsvClient("scores.csv"))  # E[pyright=reportArgumentType: "CsvClient", mypy=arg-type: "CsvClient"]
