"""A learning rate searched for with what does not fit, and a trace of the wrong shape."""

from collections.abc import Mapping

from artifact_torch import EpochBoundStopper, OptimizerStep, Profile, StepBoundStopper, Trainer, find_learning_rate, steps
from artifact_torch.contracts import StepCallback, Tunable
from typecheck.common import VAE, Classifier, CodesLoader, adam

loader = CodesLoader()
step = OptimizerStep(VAE(), optimizer=adam)
other = OptimizerStep(Classifier(), optimizer=adam)

find_learning_rate(other, loader)  # E[pyright=reportArgumentType: "CodesLoader", mypy=misc: "find_learning_rate"]
find_learning_rate(VAE(), loader)  # E[pyright=reportArgumentType: "VAE", mypy=arg-type]
find_learning_rate(step)  # E[pyright=reportCallIssue: "loader"|missing|positional, mypy=call-arg]
find_learning_rate(step, loader, 1e-7)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
find_learning_rate(step, loader, lowest="1e-7")  # E[pyright=reportArgumentType: "float", mypy=arg-type: "lowest"]
find_learning_rate(step, loader, n_updates=steps(100))  # E[pyright=reportArgumentType: "int", mypy=arg-type: "n_updates"]
find_learning_rate(step, loader).suggestion.item()  # E[pyright=reportAttributeAccessIssue: "item", mypy=attr-defined: "item"]
find_learning_rate(step, loader).suggestion = 0.1  # E[pyright=reportAttributeAccessIssue, mypy=misc: read-only]


class NoHold:
    learning_rates: Mapping[str, float]


class HoldsOne:
    learning_rates: Mapping[str, float]

    def hold_rates(self, rate: float) -> None: ...


tunable: Tunable = NoHold()  # E[pyright=reportAssignmentType: "hold_rates" is not present, mypy=assignment: "NoHold"]
holding: Tunable = HoldsOne()  # E[pyright=reportAssignmentType: "hold_rates" is an incompatible, mypy=assignment: "HoldsOne"]

Profile()  # E[pyright=reportCallIssue: "path"|missing, mypy=call-arg: "path"]
Profile("trace.json", 10)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
Profile("trace.json", after=steps(10))  # E[pyright=reportArgumentType: "int", mypy=arg-type: "after"]
acts: StepCallback = Profile("trace.json")  # E[pyright=reportAssignmentType: "on_moment" is not present|"result_names" is not present, mypy=assignment: "Profile"]
Trainer(step, train_loader=loader, stop=[EpochBoundStopper(max_n_epochs=1)], hooks=[Profile("trace.json")])  # E[pyright=reportArgumentType: "Profile", mypy=list-item: "Profile"]
Trainer(step, train_loader=loader, stop=[StepBoundStopper(max_n_steps=1)]).restore(folder="run")  # E[pyright=reportCallIssue: "folder", mypy=call-arg: "folder"]
