"""Validation beside the training, told in the wrong words."""

from artifact_torch import Beside, EpochBoundStopper, OptimizerStep, Trainer, steps
from artifact_torch.contracts import Portable
from typecheck.common import VAE, CodesLoader, VAEInput, VAEOutput, adam

loader, step, stop = CodesLoader(), OptimizerStep(VAE(), optimizer=adam), [EpochBoundStopper(max_n_epochs=1)]
Trainer(step, train_loader=loader, stop=stop, validation="process")  # E[pyright=reportArgumentType: "validation", mypy=arg-type: "validation"]
Trainer(step, train_loader=loader, stop=stop, validation=True)  # E[pyright=reportArgumentType: "validation", mypy=arg-type: "validation"]
Trainer(step, train_loader=loader, stop=stop, validation=None)  # E[pyright=reportArgumentType: "validation", mypy=arg-type: "validation"]
Trainer(step, train_loader=loader, stop=stop, validation=Beside)  # E[pyright=reportArgumentType: "validation", mypy=arg-type: "validation"]
Trainer(step, train_loader=loader, stop=stop, validation=2)  # E[pyright=reportArgumentType: "validation", mypy=arg-type: "validation"]
Trainer(step, train_loader=loader, stop=stop, beside=Beside())  # E[pyright=reportCallIssue: "beside", mypy=call-arg: "beside"]
Beside(2)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
Beside(workers="2")  # E[pyright=reportArgumentType: "workers", mypy=arg-type: "workers"]
Beside(staleness=steps(100))  # E[pyright=reportArgumentType: "staleness", mypy=arg-type: "staleness"]
Beside(staleness=None)  # E[pyright=reportArgumentType: "staleness", mypy=arg-type: "staleness"]
Beside(pending=0.5)  # E[pyright=reportArgumentType: "pending", mypy=arg-type: "pending"]
Beside(when_full="drop")  # E[pyright=reportArgumentType: "when_full", mypy=arg-type: "when_full"]
Beside(memory_mib="2 GiB")  # E[pyright=reportArgumentType: "memory_mib", mypy=arg-type: "memory_mib"]
Beside(time_limit=300)  # E[pyright=reportArgumentType: "time_limit", mypy=arg-type: "time_limit"]
Beside(priority=10)  # E[pyright=reportCallIssue: "priority", mypy=call-arg: "priority"]
Beside().staleness = 1  # E[pyright=reportAttributeAccessIssue: "staleness", mypy=misc: "staleness"]


class Property:
    @property
    def evaluator(self) -> int:
        return 1


class Asks:
    def evaluator(self, batch: VAEInput) -> VAEOutput:
        raise NotImplementedError


first: Portable = Property()  # E[pyright=reportAssignmentType: "evaluator", mypy=assignment: "Property"]
second: Portable = Asks()  # E[pyright=reportAssignmentType: "evaluator", mypy=assignment: "Asks"]
