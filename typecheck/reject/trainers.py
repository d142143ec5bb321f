"""Compositions of parts that do not fit each other, one wrong part each."""

from functools import partial

import pandas as pd
import torch
import torch.utils.data as torch_data
from artifact_core.table_comparison import TableComparisonScoreType, TabularDataSpec
from artifact_torch import AnyStopper, BatchLossCallback, BatchRoutine, BestScoreTracker, DataLoader, DataLoaderRoutine, EpochBoundStopper, FolderCheckpointer, LossCallback, OptimizerStep, PatienceStopper, TensorTable, TorchLoader, Trainer, bind, score
from artifact_torch.contracts import LoaderRoutine
from artifact_torch.table_comparison import Split, TableComparisonPlan, TableComparisonRoutine
from torch import Tensor, nn
from typecheck.common import VAE, Classifier, CodesLoader, HasMu, ImageInput, ImageLoader, LabelledInput, LabelScore, LossOutput, LossScore, MuMeans, MuScore, Regressor, SamplingParams, SeesLabel, SeesLoss, SeesMu, VAEInput, VAEOutput, adam, lbfgs

model, regressor = VAE(), Regressor()
loader = CodesLoader()
stop = EpochBoundStopper(max_n_epochs=3)
step = OptimizerStep(model, optimizer=adam)
loss_step = OptimizerStep(regressor, optimizer=adam)
df_real = pd.DataFrame({"age": [1.0]})
routine = TableComparisonRoutine(
    spec=TabularDataSpec.from_df(df_real, cts_features=["age"]),
    plan=TableComparisonPlan(scores=[TableComparisonScoreType.MEAN_JS_DISTANCE]),
    params=SamplingParams(n_records=1000),
    validation=Split(df_real, every=5),
)


class NoLoss(nn.Module):
    def forward(self, x: VAEInput) -> HasMu:
        raise NotImplementedError


class TwoArguments(nn.Module):
    def forward(self, x: VAEInput, target: Tensor) -> VAEOutput:
        raise NotImplementedError


class ImageRows(torch_data.Dataset[ImageInput]):
    def __getitem__(self, index: int) -> ImageInput:
        raise NotImplementedError


# types written: both checkers name the part
Trainer[VAEInput, VAEOutput](model=regressor, train_loader=loader, step=step, stop=stop)  # E[pyright=reportArgumentType: "Regressor", mypy=arg-type: "model" to "Trainer" has incompatible type "Regressor"]
Trainer[VAEInput, VAEOutput](model=TwoArguments(), train_loader=loader, step=step, stop=stop)  # E[pyright=reportArgumentType: Extra parameter "target", mypy=arg-type: "model"]
Trainer[VAEInput, LossOutput](model=NoLoss(), train_loader=loader, step=loss_step, stop=stop)  # E[pyright=reportArgumentType: "NoLoss", mypy=arg-type: "model"]
Trainer[VAEInput, HasMu](model=NoLoss(), train_loader=loader, step=loss_step, stop=stop)  # E[pyright=reportInvalidTypeArguments: "HasMu", mypy=type-var: "HasMu"]
Trainer[Tensor, VAEOutput](model=model, train_loader=loader, step=step, stop=stop)  # E[pyright=reportInvalidTypeArguments: "Tensor", mypy=type-var: "Tensor"]
Trainer[VAEInput](model=model, train_loader=loader, step=step, stop=stop)  # E[pyright=reportInvalidTypeArguments, mypy=misc: too few types]
Trainer[VAEInput, VAEOutput](model=VAE, train_loader=loader, step=step, stop=stop)  # E[pyright=reportArgumentType: "type\[VAE\]", mypy=arg-type: "model"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=ImageLoader(), step=step, stop=stop)  # E[pyright=reportArgumentType: "ImageLoader", mypy=arg-type: "train_loader" to "Trainer" has incompatible type "ImageLoader"]
Trainer[LabelledInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop)  # E[pyright=reportArgumentType: "CodesLoader", mypy=arg-type: "train_loader"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=DataLoader(TensorTable(ImageInput(pixels=Tensor())), batch_size=2), step=step, stop=stop)  # E[pyright=reportArgumentType: "DataLoader\[ImageInput\]", mypy=arg-type]
Trainer[VAEInput, VAEOutput](model=model, train_loader=torch_data.DataLoader(ImageRows()), step=step, stop=stop)  # E[pyright=reportArgumentType: "batches" is not present, mypy=arg-type: "train_loader"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=TorchLoader(torch_data.DataLoader(ImageRows())), step=step, stop=stop)  # E[pyright=reportArgumentType: "TorchLoader\[ImageInput\]", mypy=arg-type: "ImageRows"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=[VAEInput(codes=Tensor())], step=step, stop=stop)  # E[pyright=reportArgumentType: "batches" is not present, mypy=arg-type: "train_loader"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=loss_step, stop=stop)  # E[pyright=reportArgumentType: "OptimizerStep\[VAEInput, LossOutput\]", mypy=arg-type: "step"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=OptimizerStep(regressor, optimizer=adam), stop=stop)  # E[pyright=reportArgumentType: "OptimizerStep\[VAEInput, LossOutput\]", mypy=arg-type: "Regressor"]
Trainer[VAEInput, LossOutput](model=regressor, train_loader=loader, step=OptimizerStep(Classifier(), optimizer=adam), stop=stop)  # E[pyright=reportArgumentType: "OptimizerStep\[LabelledInput, LossOutput\]", mypy=arg-type: "Classifier"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=OptimizerStep(model, optimizer=lbfgs), stop=stop)  # E[pyright=reportArgumentType: "LBFGS", mypy=type-var: "LBFGS"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=adam, stop=stop)  # E[pyright=reportArgumentType: is not present, mypy=arg-type: "step"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=partial(torch.optim.Adam, lr=1e-3), stop=stop)  # E[pyright=reportArgumentType: "partial\[Adam\]", mypy=arg-type: "step"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, optimizer=adam, stop=stop)  # E[pyright=reportCallIssue: "optimizer"|"step", mypy=call-arg: "optimizer"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=PatienceStopper(patience=5))  # E[pyright=reportArgumentType: "PatienceStopper", mypy=arg-type: "stop"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=AnyStopper(stop, PatienceStopper(patience=5)))  # E[pyright=reportArgumentType: "PatienceStopper", mypy=arg-type: "AnyStopper"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "stop"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=3)  # E[pyright=reportArgumentType: "should_stop" is not present, mypy=arg-type: "stop"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, best=BestScoreTracker())  # E[pyright=reportArgumentType: "BestScoreTracker", mypy=arg-type: "best"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, best=score("loss"))  # E[pyright=reportArgumentType: "is_best" is not present, mypy=arg-type: "best"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, checkpointer="checkpoints")  # E[pyright=reportArgumentType: "is_due" is not present, mypy=arg-type: "checkpointer"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, checkpointer=FolderCheckpointer)  # E[pyright=reportArgumentType: "type\[FolderCheckpointer\]", mypy=arg-type: "checkpointer"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, batch_routine=SeesLabel())  # E[pyright=reportArgumentType: "SeesLabel", mypy=arg-type: "batch_routine"]
Trainer[VAEInput, LossOutput](model=regressor, train_loader=loader, step=loss_step, stop=stop, batch_routine=SeesMu())  # E[pyright=reportArgumentType: "SeesMu", mypy=arg-type: "batch_routine"]
Trainer[VAEInput, LossOutput](model=regressor, train_loader=loader, step=loss_step, stop=stop, batch_routine=BatchRoutine([SeesMu()]))  # E[pyright=reportArgumentType: BatchRoutine\[object, HasMu\], mypy=list-item: "SeesMu"]
Trainer[VAEInput, LossOutput](model=regressor, train_loader=loader, step=loss_step, stop=stop, batch_routine=BatchRoutine([SeesLoss(), SeesLabel()]))  # E[pyright=reportArgumentType: HasLabel, mypy=list-item: "SeesLabel"]
Trainer[VAEInput, LossOutput](model=regressor, train_loader=loader, step=loss_step, stop=stop, batch_routine=BatchRoutine[VAEInput, VAEOutput]([SeesMu()]))  # E[pyright=reportArgumentType: "BatchRoutine\[VAEInput, VAEOutput\]", mypy=arg-type: "batch_routine"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, batch_routine=[BatchLossCallback()])  # E[pyright=reportArgumentType: "on_batch" is not present, mypy=arg-type: "batch_routine"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, batch_routine=LossCallback("loss"))  # E[pyright=reportArgumentType: "on_batch" is not present, mypy=arg-type: "batch_routine"]
Trainer[VAEInput, LossOutput](model=regressor, train_loader=loader, step=loss_step, stop=stop, loader_routines=[DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuScore()])])  # E[pyright=reportArgumentType: "DataLoaderRoutine\[VAEInput, VAEOutput\]"|list\[DataLoaderRoutine, mypy=list-item: DataLoaderRoutine\[VAEInput, VAEOutput\]]
Trainer[VAEInput, LossOutput](model=regressor, train_loader=loader, step=loss_step, stop=stop, loader_routines=[DataLoaderRoutine[VAEInput, LossOutput](loader, scores=[MuScore()])])  # E[pyright=reportArgumentType: "MuScore", mypy=list-item: "MuScore"]
Trainer[VAEInput, LossOutput](model=regressor, train_loader=loader, step=loss_step, stop=stop, loader_routines=[DataLoaderRoutine(loader, scores=[LabelScore()])])  # E[pyright=reportArgumentType: "LabelScore", mypy=list-item: "LabelScore"]
Trainer[VAEInput, LossOutput](model=regressor, train_loader=loader, step=loss_step, stop=stop, loader_routines=[DataLoaderRoutine(ImageLoader(), scores=[LossScore()])])  # E[pyright=reportArgumentType: ImageInput|"ImageLoader", mypy=arg-type: "ImageLoader"]
Trainer[VAEInput, LossOutput](model=regressor, train_loader=loader, step=loss_step, stop=stop, loader_routines=[DataLoaderRoutine(loader, scores=[MuScore()])])  # E[pyright=reportArgumentType: DataLoaderRoutine\[VAEInput, HasMu\], mypy=list-item: "MuScore"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, loader_routines=[DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuMeans()])])  # E[pyright=reportArgumentType: "MuMeans", mypy=list-item: "MuMeans"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, loader_routines=DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuScore()]))  # E[pyright=reportArgumentType: Sequence, mypy=arg-type: "loader_routines"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, loader_routines=[LossCallback("loss")])  # E[pyright=reportArgumentType: "LossCallback", mypy=list-item: "LossCallback"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, artifact_routine=routine)  # E[pyright=reportArgumentType: "BoundRoutine", mypy=arg-type: "artifact_routine"]
Trainer[VAEInput, LossOutput](model=regressor, train_loader=loader, step=loss_step, stop=stop, artifact_routine=bind(routine, regressor))  # E[pyright=reportArgumentType: "generate" is not present, mypy=misc: "ModelT"]
Trainer[VAEInput, LossOutput](model=regressor, train_loader=loader, step=loss_step, stop=stop, artifact_routine=bind(routine, model))  # HOLE: two models; refused when the trainer is built
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=OptimizerStep(VAE(), optimizer=adam), stop=stop)  # HOLE: the step moves another model; refused when the trainer is built
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, tracking_client="results")  # E[pyright=reportArgumentType: "log_score" is not present, mypy=arg-type: "tracking_client"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, device=0)  # E[pyright=reportArgumentType: "device", mypy=arg-type: "device"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, validation_seed="0")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "validation_seed"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop, n_epochs=3)  # E[pyright=reportCallIssue: "n_epochs", mypy=call-arg: "n_epochs"]
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step)  # E[pyright=reportCallIssue: "stop", mypy=call-arg: "stop"]
Trainer[VAEInput, VAEOutput](model, loader, step, stop)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]

# types inferred: rejected too, but mypy seldom says which part it is
Trainer(model=model, train_loader=ImageLoader(), step=step, stop=stop)  # E[pyright=reportArgumentType: "ImageLoader", mypy=misc: Cannot infer]
Trainer(model=Classifier(), train_loader=loader, step=OptimizerStep(Classifier(), optimizer=adam), stop=stop)  # E[pyright=reportArgumentType: "CodesLoader"]
Trainer(model=NoLoss(), train_loader=loader, step=loss_step, stop=stop)  # E[pyright=reportArgumentType: "NoLoss"]
Trainer(model=regressor, train_loader=loader, step=OptimizerStep(Classifier(), optimizer=adam), stop=stop)  # E[pyright=reportArgumentType: "OptimizerStep\[LabelledInput, LossOutput\]", mypy=misc: Cannot infer]
Trainer(model=regressor, train_loader=loader, step=OptimizerStep(regressor, optimizer=lbfgs), stop=stop)  # E[pyright=reportArgumentType: "LBFGS", mypy=type-var: "LBFGS"]
Trainer(model=regressor, train_loader=loader, step=loss_step, stop=stop, batch_routine=SeesMu())  # E[pyright=reportArgumentType: "SeesMu", mypy=misc: Cannot infer]
Trainer(model=regressor, train_loader=loader, step=OptimizerStep(regressor, optimizer=adam), stop=stop, batch_routine=SeesLabel())  # E[pyright=reportArgumentType: "SeesLabel", mypy=misc: Cannot infer]
Trainer(model=regressor, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop, batch_routine=SeesMu())  # E[pyright=reportArgumentType: "SeesMu", mypy=misc: Cannot infer]
Trainer(model=regressor, train_loader=loader, step=loss_step, stop=stop, batch_routine=BatchRoutine([SeesMu()]))  # E[pyright=reportArgumentType: BatchRoutine\[object, HasMu\], mypy=misc: Cannot infer]
Trainer(model=regressor, train_loader=loader, step=loss_step, stop=stop, batch_routine=BatchRoutine([SeesLoss(), SeesLabel()]))  # E[pyright=reportArgumentType: HasLabel, mypy=list-item: "SeesLabel"]
Trainer(model=regressor, train_loader=loader, step=loss_step, stop=stop, batch_routine=BatchRoutine([SeesLabel()]))  # E[pyright=reportArgumentType: HasLabel, mypy=misc: Cannot infer]
Trainer(model=regressor, train_loader=loader, step=loss_step, stop=stop, loader_routines=[DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuScore()])])  # E[pyright=reportArgumentType: DataLoaderRoutine\[VAEInput, VAEOutput\], mypy=misc: Cannot infer]
Trainer(model=regressor, train_loader=loader, step=loss_step, stop=stop, loader_routines=[DataLoaderRoutine(loader, scores=[MuScore()])])  # E[pyright=reportArgumentType: DataLoaderRoutine\[VAEInput, HasMu\], mypy=misc: Cannot infer]
Trainer(model=regressor, train_loader=loader, step=loss_step, stop=stop, loader_routines=[DataLoaderRoutine(ImageLoader(), scores=[LossScore()])])  # E[pyright=reportArgumentType: ImageInput, mypy=misc: Cannot infer]
Trainer(model=regressor, train_loader=loader, step=loss_step, stop=stop, loader_routines=[DataLoaderRoutine(loader, scores=[LabelScore()])])  # E[pyright=reportArgumentType: "LabelScore"] # HOLE[mypy]: an inferred call with conflicting arguments inside an inferred call becomes Any (python/mypy#21875); write the types
Trainer(model=regressor, train_loader=loader, step=loss_step, stop=PatienceStopper(patience=5))  # E[pyright=reportArgumentType: "PatienceStopper", mypy=arg-type: "stop"]
routines: list[LoaderRoutine[VAEInput, VAEOutput]] = []
Trainer(model=regressor, train_loader=loader, step=loss_step, stop=stop, loader_routines=routines)  # E[pyright=reportArgumentType: "LoaderRoutine\[VAEInput, VAEOutput\]", mypy=misc: Cannot infer]


# what comes out
trainer = Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=step, stop=stop)
trainer.train(3)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
trainer.train(stop=PatienceStopper(patience=5))  # E[pyright=reportArgumentType: "PatienceStopper", mypy=arg-type: "stop"]
trainer.train().best_epoch + 1  # E[pyright=reportOptionalOperand: "None", mypy=operator: "None"]
trainer.train().losses  # E[pyright=reportAttributeAccessIssue: "losses", mypy=attr-defined: "losses"]
trainer.restore("5")  # E[pyright=reportArgumentType: "int", mypy=arg-type: "restore"]
narrower: Trainer[LabelledInput, VAEOutput] = trainer  # E[pyright=reportAssignmentType: invariant, mypy=assignment]


class MyTrainer(Trainer[VAEInput, VAEOutput]): ...  # E[pyright=reportGeneralTypeIssues: final, mypy=misc: final]
