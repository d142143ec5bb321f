"""Wrong questions to a trained model, and answers taken for others."""

from artifact_torch import DataLoaderRoutine, EpochBoundStopper, LossCallback, OptimizerStep, TensorTable, Trainer
from artifact_torch.contracts import LoaderRoutine
from torch import Tensor
from typecheck.common import VAE, CodesLoader, HasLabel, ImageLoader, LabelledLoader, LabelScore, LossOutput, LossScore, MuScore, Regressor, VAEInput, VAEOutput, adam

loader = CodesLoader()
stop = EpochBoundStopper(max_n_epochs=3)
trainer = Trainer(OptimizerStep(VAE(), optimizer=adam), train_loader=loader, stop=[stop])
losses = Trainer(OptimizerStep(Regressor(), optimizer=adam), train_loader=loader, stop=[stop])


def routine() -> LoaderRoutine[VAEInput, VAEOutput]:
    raise NotImplementedError


losses.evaluate(DataLoaderRoutine(loader, scores=[MuScore()]))  # E[pyright=reportArgumentType: HasMu, mypy=list-item: MuScore|HasMu]
losses.evaluate(DataLoaderRoutine(loader, scores=[LossScore(), MuScore()]))  # E[pyright=reportArgumentType: "mu" is missing|HasMu, mypy=list-item: MuScore|HasMu]
losses.evaluate(routine())  # E[pyright=reportArgumentType: "LoaderRoutine\[VAEInput, VAEOutput\]", mypy=arg-type: "evaluate"]
trainer.evaluate(DataLoaderRoutine(loader, scores=[LabelScore()]))  # E[pyright=reportArgumentType: HasLabel|"label" is missing, mypy]
trainer.evaluate(DataLoaderRoutine(ImageLoader(), scores=[LossScore()]))  # E[pyright=reportArgumentType: ImageInput|"ImageLoader", mypy=arg-type: "ImageLoader"]
trainer.evaluate(LossCallback("test"))  # E[pyright=reportArgumentType: "LossCallback, mypy=arg-type: "LossCallback]
trainer.evaluate([DataLoaderRoutine(loader, scores=[LossScore()])])  # E[pyright=reportArgumentType: "run" is not present, mypy=arg-type: "evaluate"]
trainer.evaluate(loader)  # E[pyright=reportArgumentType: "CodesLoader", mypy=arg-type: "CodesLoader"]
trainer.evaluate()  # E[pyright=reportCallIssue: positional, mypy=call-arg: "evaluate"]
trainer.evaluate(routine=routine())  # E[pyright=reportCallIssue: "routine"|positional, mypy=call-arg: "evaluate"]
trainer.evaluate(routine(), weights="averaged")  # E[pyright=reportArgumentType: 'averaged'|"averaged", mypy=arg-type: "weights"]
trainer.evaluate(routine(), "best")  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
trainer.evaluate(routine())["loss"] + 1.0  # E[pyright=reportOperatorIssue: "object", mypy=operator: "object"]

trainer.predict(ImageLoader())  # E[pyright=reportArgumentType: "ImageLoader", mypy=arg-type: "ImageLoader"]
trainer.predict(TensorTable(VAEInput(codes=Tensor())))  # E[pyright=reportArgumentType: "TensorTable\[VAEInput\]", mypy=arg-type: "TensorTable]
trainer.predict(VAEInput(codes=Tensor()))  # E[pyright=reportArgumentType: "VAEInput", mypy=arg-type: "VAEInput"]
trainer.predict([VAEInput(codes=Tensor())])  # E[pyright=reportArgumentType: "batches" is not present, mypy=arg-type: "predict"]
trainer.predict(loader, weights=3)  # E[pyright=reportArgumentType: 3, mypy=arg-type: "weights"]
trainer.predict(loader)["mu"]  # E[pyright=reportArgumentType, mypy=call-overload]
losses.predict(loader)[0]["mu"]  # E[pyright=reportGeneralTypeIssues: TypedDict, mypy=misc: "mu"]
predicted: list[HasLabel] = trainer.predict(LabelledLoader())  # E[pyright=reportAssignmentType: VAEOutput, mypy=assignment: HasLabel]
wider: list[LossOutput] = trainer.predict(loader)  # E[pyright=reportAssignmentType: invariant, mypy=assignment]

trainer.rehearse(2)  # E[pyright=reportCallIssue: positional, mypy=call-arg: "rehearse"]
trainer.rehearse(n_batches=2)  # E[pyright=reportCallIssue: "n_batches", mypy=call-arg: "n_batches"]
trainer.restore("best", 3)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
trainer.restore(epoch="3")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "epoch"]
trainer.restore(step=1.5)  # E[pyright=reportArgumentType: "int", mypy=arg-type: "step"]
trainer.restore(path="runs/vae")  # E[pyright=reportCallIssue: "path", mypy=call-arg: "path"]
epoch: int = trainer.restore()  # E[pyright=reportAssignmentType: "RunState", mypy=assignment: "RunState"]
trainer.restore().epoch  # E[pyright=reportAttributeAccessIssue: "epoch", mypy=attr-defined: "epoch"]
trainer.restore().n_steps = 3  # E[pyright=reportAttributeAccessIssue: "n_steps", mypy=misc: "n_steps"]
trainer.train().best_weights["layer.weight"]  # E[pyright=reportOptionalSubscript, mypy=index: None]
trainer.train().averaged_weights["layer.weight"]  # E[pyright=reportOptionalSubscript, mypy=index: None]
trainer.train().step_scores  # E[pyright=reportAttributeAccessIssue: "step_scores", mypy=attr-defined: "step_scores"]
trainer.train().settings = {}  # E[pyright=reportAttributeAccessIssue: "settings", mypy=misc: "settings"]
