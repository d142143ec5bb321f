"""Compositions of parts that do not fit each other, one wrong part each."""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import torch
import torch.utils.data as torch_data
from artifact_core.table_comparison import TableComparisonScoreType, TabularDataSpec
from artifact_torch import BatchRoutine, BestScoreTracker, DataLoader, DataLoaderRoutine, EpochBoundStopper, FolderCheckpointer, LossCallback, OptimizerStep, PatienceStopper, TensorTable, TorchLoader, Trainer, bind, score, stop_when, track_best, TrainLoss
from artifact_torch.contracts import LoaderRoutine, Moment
from artifact_torch.table_comparison import Split, TableComparisonPlan, TableComparisonRoutine
from torch import Tensor, nn
from typecheck.common import VAE, Classifier, CodesLoader, HasMu, ImageInput, ImageLoader, LabelledInput, LabelledLoader, LabelScore, LossOutput, LossScore, MuMeans, MuScore, Regressor, SamplingParams, SeesLabel, SeesLoss, SeesMu, ThresholdStopper, ThresholdTracker, VAEInput, VAEOutput, adam, lbfgs
from typing_extensions import TypedDict

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


# types inferred: pyright says which key is missing, mypy which part it is, but for the loader
Trainer(OptimizerStep(TwoArguments(), optimizer=adam), train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: Extra parameter "target", mypy=arg-type: "TwoArguments"]
Trainer(OptimizerStep(NoLoss(), optimizer=adam), train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: "NoLoss", mypy=type-var: "HasMu"]
Trainer(OptimizerStep(VAE, optimizer=adam), train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: "type\[VAE\]", mypy=arg-type: "type\[VAE\]"]
Trainer(OptimizerStep(regressor, optimizer=lbfgs), train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: "LBFGS", mypy=type-var: "LBFGS"]
Trainer(model, train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: is not present, mypy=arg-type: "VAE"]
Trainer(adam, train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: is not present, mypy=arg-type: expected "TrainingStep]
Trainer(partial(torch.optim.Adam, lr=1e-3), train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: "partial\[Adam\]", mypy=arg-type: expected "TrainingStep]
Trainer(step=step, train_loader=loader, stop=[stop])  # E[pyright=reportCallIssue: "step"|positional, mypy=call-arg: "step"]
Trainer(step, loader, [stop])  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
Trainer(train_loader=loader, stop=[stop])  # E[pyright=reportCallIssue: positional, mypy=call-arg]
Trainer(step, train_loader=ImageLoader(), stop=[stop])  # E[pyright=reportArgumentType: "ImageLoader", mypy=misc: Cannot infer]
Trainer(OptimizerStep(Classifier(), optimizer=adam), train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: "CodesLoader", mypy=misc: Cannot infer]
Trainer(step, train_loader=DataLoader(TensorTable(ImageInput(pixels=Tensor())), batch_size=2), stop=[stop])  # E[pyright=reportArgumentType: "DataLoader\[ImageInput\]", mypy=misc: Cannot infer]
Trainer(step, train_loader=TensorTable(VAEInput(codes=Tensor())), stop=[stop])  # E[pyright=reportArgumentType: "batches" is not present, mypy=arg-type: "TensorTable]
Trainer(step, train_loader=torch_data.DataLoader(ImageRows()), stop=[stop])  # E[pyright=reportArgumentType: "DataLoader\[ImageInput\]", mypy=misc: Cannot infer]
Trainer(step, train_loader=[VAEInput(codes=Tensor())], stop=[stop])  # E[pyright=reportArgumentType: "batches" is not present, mypy=arg-type: "train_loader"]
Trainer(loss_step, train_loader=loader, stop=[stop], callbacks=[SeesMu()])  # E[pyright=reportArgumentType: incompatible with type "HasMu", mypy=list-item: List item 0 has incompatible type "SeesMu"; expected "BatchCallback\[VAEInput, ]
Trainer(loss_step, train_loader=loader, stop=[stop], callbacks=[SeesLoss(), SeesMu()])  # E[pyright=reportArgumentType: incompatible with type "HasMu", mypy=list-item: List item 1 has incompatible type "SeesMu"]
Trainer(step, train_loader=loader, stop=[stop], callbacks=[SeesMu(), SeesLabel(), TrainLoss()])  # E[pyright=reportArgumentType: incompatible with type "HasLabel", mypy=list-item: List item 1 has incompatible type "SeesLabel"]
Trainer(OptimizerStep(regressor, optimizer=adam), train_loader=loader, stop=[stop], callbacks=[SeesLabel()])  # E[pyright=reportArgumentType: incompatible with type "HasLabel", mypy=list-item: "SeesLabel"]
Trainer(loss_step, train_loader=LabelledLoader(), stop=[stop], callbacks=[SeesLabel(), SeesMu()])  # E[pyright=reportArgumentType: incompatible with type "HasMu", mypy=list-item: List item 1 has incompatible type "SeesMu"]
Trainer(loss_step, train_loader=loader, stop=[stop], callbacks=(SeesLoss(), SeesMu()))  # E[pyright=reportArgumentType: tuple\[SeesLoss, SeesMu\], mypy=arg-type: "callbacks"]
Trainer(loss_step, train_loader=loader, stop=[stop], callbacks=[BatchRoutine([SeesMu()])])  # E[pyright=reportArgumentType: BatchRoutine\[object, HasMu\], mypy=list-item: "SeesMu"]
Trainer(loss_step, train_loader=loader, stop=[stop], callbacks=[BatchRoutine([SeesLoss(), SeesLabel()])])  # E[pyright=reportArgumentType: HasLabel, mypy=list-item: "SeesLabel"]
Trainer(loss_step, train_loader=loader, stop=[stop], callbacks=[BatchRoutine([SeesLabel()])])  # E[pyright=reportArgumentType: HasLabel, mypy=list-item: "SeesLabel"]
Trainer(step, train_loader=loader, stop=[stop], callbacks=SeesLoss())  # E[pyright=reportArgumentType: "SeesLoss", mypy=arg-type: "callbacks"]
Trainer(step, train_loader=loader, stop=[stop], callbacks=[SeesLoss])  # E[pyright=reportArgumentType: "type\[SeesLoss\]", mypy=list-item: "type\[SeesLoss\]"]
Trainer(step, train_loader=loader, stop=[stop], callbacks=[LossCallback("loss")])  # E[pyright=reportArgumentType: "on_batch" is not present, mypy=list-item: "LossCallback]
Trainer(step, train_loader=loader, stop=[stop], callbacks=[model])  # E[pyright=reportArgumentType: "on_batch" is not present, mypy=list-item: "VAE"]
Trainer(loss_step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuScore()])])  # E[pyright=reportArgumentType: DataLoaderRoutine\[VAEInput, VAEOutput\], mypy=list-item: DataLoaderRoutine\[VAEInput, VAEOutput\]]
Trainer(loss_step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[MuScore()])])  # E[pyright=reportArgumentType: DataLoaderRoutine\[VAEInput, HasMu\], mypy=list-item: "MuScore"]
Trainer(loss_step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossScore(), MuScore()])])  # E[pyright=reportArgumentType: "mu" is missing from "LossOutput", mypy=list-item: List item 1 has incompatible type "MuScore"]
Trainer(loss_step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(ImageLoader(), scores=[LossScore()])])  # E[pyright=reportArgumentType: ImageInput, mypy=arg-type: "DataLoaderRoutine" has incompatible type "ImageLoader"]
Trainer(loss_step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LabelScore()])])  # E[pyright=reportArgumentType: "label" is missing from "VAEInput", mypy=list-item: "LabelScore"]
Trainer(OptimizerStep(Regressor(), optimizer=adam), train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossScore(), LabelScore()])])  # E[pyright=reportArgumentType: "label" is missing from "VAEInput", mypy=list-item: "LabelScore"]
Trainer(loss_step, train_loader=LabelledLoader(), stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LabelScore()])])  # E[pyright=reportArgumentType: "label" is missing from "VAEInput", mypy=arg-type: "CodesLoader"]
Trainer(loss_step, train_loader=loader, stop=[stop], routines=[bind(routine, model), DataLoaderRoutine(loader, scores=[LabelScore()])])  # E[pyright=reportArgumentType: "label" is missing from "VAEInput", mypy=list-item: "LabelScore"]
Trainer(loss_step, train_loader=loader, stop=[stop], routines=[bind(routine, model), DataLoaderRoutine(ImageLoader(), scores=[LossScore()])])  # E[pyright=reportArgumentType: ImageInput, mypy=arg-type: "ImageLoader"]
Trainer(loss_step, train_loader=ImageLoader(), stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LabelScore()])])  # E[pyright=reportArgumentType: "ImageLoader"] # HOLE[mypy]: two faults at once: an inferred call with conflicting arguments becomes Any (python/mypy#21875) where the loader leaves the trainer's types open; refused when the trainer is built
Trainer(step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[MuMeans()])])  # E[pyright=reportArgumentType: "MuMeans", mypy=list-item: "MuMeans"]
Trainer(step, train_loader=loader, stop=[stop], routines=DataLoaderRoutine(loader, scores=[MuScore()]))  # E[pyright=reportArgumentType: Sequence, mypy=arg-type: "routines"]
Trainer(step, train_loader=loader, stop=[stop], routines=[LossCallback("loss")])  # E[pyright=reportArgumentType: LossCallback, mypy=list-item: "LossCallback]
Trainer(step, train_loader=loader, stop=[stop], routines=[routine])  # E[pyright=reportArgumentType: "TableComparisonRoutine, mypy=list-item: "TableComparisonRoutine]
Trainer(step, train_loader=loader, stop=[stop], routines=bind(routine, model))  # E[pyright=reportArgumentType: "BoundRoutine", mypy=arg-type: "routines"]
Trainer(loss_step, train_loader=loader, stop=[stop], routines=[bind(routine, regressor)])  # E[pyright=reportArgumentType: "generate" is not present, mypy=misc: "ModelT"]
Trainer(loss_step, train_loader=loader, stop=[stop], routines=[bind(routine, model)])  # HOLE: two models; refused when the trainer is built
routines: list[LoaderRoutine[VAEInput, VAEOutput]] = []
Trainer(loss_step, train_loader=loader, stop=[stop], routines=routines)  # E[pyright=reportArgumentType: "LoaderRoutine\[VAEInput, VAEOutput\]", mypy=arg-type: "routines"]
Trainer(step, train_loader=loader, stop=stop)  # E[pyright=reportArgumentType: "EpochBoundStopper", mypy=arg-type: "stop"]
Trainer(step, train_loader=loader, stop=None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "stop"]
Trainer(step, train_loader=loader, stop=3)  # E[pyright=reportArgumentType: Sequence, mypy=arg-type: "stop"]
Trainer(step, train_loader=loader, stop=[3])  # E[pyright=reportArgumentType: "should_stop" is not present, mypy=list-item: "int"]
Trainer(step, train_loader=loader, stop=[stop, ThresholdStopper()])  # E[pyright=reportArgumentType: "ThresholdStopper", mypy=list-item: List item 1 has incompatible type "ThresholdStopper"]
Trainer(step, train_loader=loader, stop=[PatienceStopper])  # E[pyright=reportArgumentType: "type\[PatienceStopper\]", mypy=list-item: "type\[PatienceStopper\]"]
Trainer(step, train_loader=loader, stop=[stop_when(ThresholdStopper(), on=score("loss"))])  # E[pyright=reportArgumentType: float \| None, mypy=arg-type: "on"]
Trainer(step, train_loader=loader)  # E[pyright=reportCallIssue: "stop", mypy=call-arg: "stop"]
Trainer(step, train_loader=loader, stop=[stop], best=ThresholdTracker())  # E[pyright=reportArgumentType: "ThresholdTracker", mypy=arg-type: "best"]
Trainer(step, train_loader=loader, stop=[stop], best="loss")  # E[pyright=reportArgumentType: "is_best" is not present, mypy=arg-type: "best"]
Trainer(step, train_loader=loader, stop=[stop], best=score("loss"))  # E[pyright=reportArgumentType: "is_best" is not present, mypy=arg-type: "best"]
Trainer(step, train_loader=loader, stop=[stop], best=[BestScoreTracker("loss")])  # E[pyright=reportArgumentType: "is_best" is not present, mypy=arg-type: "best"]
Trainer(step, train_loader=loader, stop=[stop], best=track_best(ThresholdTracker(), by=score("loss")))  # E[pyright=reportArgumentType: float \| None, mypy=arg-type: "by"]
Trainer(step, train_loader=loader, stop=[stop], checkpointer="checkpoints")  # E[pyright=reportArgumentType: "is_due" is not present, mypy=arg-type: "checkpointer"]
Trainer(step, train_loader=loader, stop=[stop], tracking_clients="results")  # E[pyright=reportArgumentType: "str", mypy=arg-type: "tracking_clients"]
Trainer(step, train_loader=loader, stop=[stop], tracking_clients=[loader])  # E[pyright=reportArgumentType: "log_score" is not present, mypy=list-item: "CodesLoader"]
Trainer(step, train_loader=loader, stop=[stop], fixed_dimensions="genes")  # HOLE: a string is a sequence of strings; refused when the trainer is built
Trainer(step, train_loader=loader, stop=[stop], validation_seed=None)  # E[pyright=reportArgumentType: "None", mypy=arg-type: "validation_seed"]

# what the trainer no longer takes, or takes under another name
Trainer(step, model=model, train_loader=loader, stop=[stop])  # E[pyright=reportCallIssue: "model", mypy=call-arg: "model"]
Trainer(step, train_loader=loader, stop=[stop], device="cpu")  # E[pyright=reportCallIssue: "device", mypy=call-arg: "device"]
Trainer(step, train_loader=loader, stop=[stop], batch_routine=SeesLoss())  # E[pyright=reportCallIssue: "batch_routine", mypy=call-arg: "batch_routine"]
Trainer(step, train_loader=loader, stop=[stop], loader_routines=[])  # E[pyright=reportCallIssue: "loader_routines", mypy=call-arg: "loader_routines"]
Trainer(step, train_loader=loader, stop=[stop], artifact_routine=bind(routine, model))  # E[pyright=reportCallIssue: "artifact_routine", mypy=call-arg: "artifact_routine"]
Trainer(step, train_loader=loader, stop=[stop], val_loader=loader)  # E[pyright=reportCallIssue: "val_loader", mypy=call-arg: "val_loader"]
Trainer(step, train_loader=loader, max_epochs=3)  # E[pyright=reportCallIssue: "max_epochs"|"stop", mypy=call-arg: "max_epochs"]

# types written: both checkers name the part, the loader too
Trainer[VAEInput, VAEOutput](OptimizerStep(TwoArguments(), optimizer=adam), train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: Extra parameter "target", mypy=arg-type: "TwoArguments"]
Trainer[VAEInput, LossOutput](OptimizerStep(NoLoss(), optimizer=adam), train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: "NoLoss", mypy=arg-type: "NoLoss"]
Trainer[VAEInput, HasMu](loss_step, train_loader=loader, stop=[stop])  # E[pyright=reportInvalidTypeArguments: "HasMu", mypy=type-var: "HasMu"]
Trainer[Tensor, VAEOutput](step, train_loader=loader, stop=[stop])  # E[pyright=reportInvalidTypeArguments: "Tensor", mypy=type-var: "Tensor"]
Trainer[VAEInput](step, train_loader=loader, stop=[stop])  # E[pyright=reportInvalidTypeArguments, mypy=misc: too few types]
Trainer[VAEInput, VAEOutput](loss_step, train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: "OptimizerStep\[VAEInput, LossOutput\]", mypy=arg-type: Argument 1 to "Trainer"]
Trainer[VAEInput, VAEOutput](OptimizerStep(regressor, optimizer=adam), train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: "OptimizerStep\[VAEInput, LossOutput\]", mypy=arg-type: "Regressor"]
Trainer[VAEInput, LossOutput](OptimizerStep(Classifier(), optimizer=adam), train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: "OptimizerStep\[LabelledInput, LossOutput\]", mypy=arg-type: "Classifier"]
Trainer[VAEInput, VAEOutput](OptimizerStep(model, optimizer=lbfgs), train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: "LBFGS", mypy=type-var: "LBFGS"]
Trainer[VAEInput, VAEOutput](step, train_loader=ImageLoader(), stop=[stop])  # E[pyright=reportArgumentType: "ImageLoader", mypy=arg-type: "train_loader" to "Trainer" has incompatible type "ImageLoader"]
Trainer[LabelledInput, VAEOutput](step, train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: "CodesLoader", mypy=arg-type: "train_loader"]
Trainer[VAEInput, VAEOutput](step, train_loader=DataLoader(TensorTable(ImageInput(pixels=Tensor())), batch_size=2), stop=[stop])  # E[pyright=reportArgumentType: "DataLoader\[ImageInput\]", mypy=arg-type]
Trainer[VAEInput, VAEOutput](step, train_loader=TorchLoader(torch_data.DataLoader(ImageRows())), stop=[stop])  # E[pyright=reportArgumentType: "TorchLoader\[ImageInput\]", mypy=arg-type: "ImageRows"]
Trainer[VAEInput, VAEOutput](step, train_loader=loader, stop=[stop], checkpointer=FolderCheckpointer)  # E[pyright=reportArgumentType: "type\[FolderCheckpointer\]", mypy=arg-type: "checkpointer"]
Trainer[VAEInput, VAEOutput](step, train_loader=loader, stop=[stop], callbacks=[SeesLabel()])  # E[pyright=reportArgumentType: "SeesLabel", mypy=list-item: "SeesLabel"]
Trainer[VAEInput, LossOutput](loss_step, train_loader=loader, stop=[stop], callbacks=[SeesMu()])  # E[pyright=reportArgumentType: "SeesMu", mypy=list-item: "SeesMu"]
Trainer[VAEInput, LossOutput](loss_step, train_loader=loader, stop=[stop], callbacks=[BatchRoutine([SeesMu()])])  # E[pyright=reportArgumentType: BatchRoutine\[object, HasMu\], mypy=list-item: "SeesMu"]
Trainer[VAEInput, LossOutput](loss_step, train_loader=loader, stop=[stop], callbacks=[BatchRoutine([SeesLoss(), SeesLabel()])])  # E[pyright=reportArgumentType: HasLabel, mypy=list-item: "SeesLabel"]
Trainer[VAEInput, LossOutput](loss_step, train_loader=loader, stop=[stop], callbacks=[BatchRoutine[VAEInput, VAEOutput]([SeesMu()])])  # E[pyright=reportArgumentType: "BatchRoutine\[VAEInput, VAEOutput\]", mypy=list-item: "BatchRoutine\[VAEInput, ]
Trainer[VAEInput, LossOutput](loss_step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuScore()])])  # E[pyright=reportArgumentType: "DataLoaderRoutine\[VAEInput, VAEOutput\]"|list\[DataLoaderRoutine, mypy=list-item: DataLoaderRoutine\[VAEInput, VAEOutput\]]
Trainer[VAEInput, LossOutput](loss_step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine[VAEInput, LossOutput](loader, scores=[MuScore()])])  # E[pyright=reportArgumentType: "MuScore", mypy=list-item: "MuScore"]
Trainer[VAEInput, LossOutput](loss_step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LabelScore()])])  # E[pyright=reportArgumentType: "LabelScore", mypy=list-item: "LabelScore"]
Trainer[VAEInput, LossOutput](loss_step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(ImageLoader(), scores=[LossScore()])])  # E[pyright=reportArgumentType: ImageInput|"ImageLoader", mypy=arg-type: "ImageLoader"]
Trainer[VAEInput, LossOutput](loss_step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[MuScore()])])  # E[pyright=reportArgumentType: DataLoaderRoutine\[VAEInput, HasMu\], mypy=list-item: "MuScore"]
Trainer[VAEInput, VAEOutput](step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuMeans()])])  # E[pyright=reportArgumentType: "MuMeans", mypy=list-item: "MuMeans"]


# a step of one's own: what it gives is what callbacks may read, whatever the model's forward gives
class GANOutput(TypedDict):
    loss: Tensor
    d_loss: Tensor


class SeesBothLosses:
    def on_batch(self, step: int, batch: object, output: GANOutput) -> None: ...


class DiscriminatorScore:
    name = "d_loss"

    def start(self) -> None: ...
    def update(self, batch: object, output: GANOutput) -> None: ...
    def finish(self) -> float:
        return 0.0


class Adversarial:
    def __init__(self, generator: nn.Module, discriminator: nn.Module) -> None:
        self.model = nn.ModuleList([generator, discriminator])
        self.device = torch.device("cpu")
        self.n_steps = 0

    def update(self, batch: VAEInput) -> GANOutput:
        raise NotImplementedError

    def evaluate(self, batch: VAEInput) -> GANOutput:
        raise NotImplementedError

    def end_epoch(self) -> None: ...
    def after_scores(self, scores: Mapping[str, float], moment: Moment) -> None: ...
    def state_dict(self) -> dict[str, object]:
        return {}

    def load_state_dict(self, state_dict: dict[str, object]) -> None: ...


gan = Adversarial(regressor, regressor)
Trainer(gan, train_loader=ImageLoader(), stop=[stop])  # E[pyright=reportArgumentType: "ImageLoader", mypy=misc: Cannot infer]
Trainer(gan, train_loader=loader, stop=[stop], callbacks=[SeesBothLosses(), SeesMu()])  # E[pyright=reportArgumentType: incompatible with type "HasMu", mypy=list-item: "SeesMu"]
Trainer(gan, train_loader=loader, stop=[stop], callbacks=[SeesLabel()])  # E[pyright=reportArgumentType: incompatible with type "HasLabel", mypy=list-item: "SeesLabel"]
Trainer(gan, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[DiscriminatorScore(), MuScore()])])  # E[pyright=reportArgumentType: "mu" is missing from "GANOutput", mypy=list-item: "MuScore"]
Trainer(loss_step, train_loader=loader, stop=[stop], callbacks=[SeesBothLosses()])  # E[pyright=reportArgumentType: incompatible with type "GANOutput", mypy=list-item: "SeesBothLosses"]
Trainer(loss_step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[DiscriminatorScore()])])  # E[pyright=reportArgumentType: GANOutput, mypy=list-item: "DiscriminatorScore"]
Trainer(Adversarial, train_loader=loader, stop=[stop])  # E[pyright=reportArgumentType: "type\[Adversarial\]", mypy=arg-type: "type\[Adversarial\]"]

# what comes out
trainer = Trainer(step, train_loader=loader, stop=[stop])
trainer.train(3)  # E[pyright=reportCallIssue: positional, mypy=call-arg: positional]
trainer.train(stop=PatienceStopper("loss", patience=5))  # E[pyright=reportArgumentType: "PatienceStopper", mypy=arg-type: "stop"]
trainer.train(stop=[ThresholdStopper()])  # E[pyright=reportArgumentType: "ThresholdStopper", mypy=list-item: "ThresholdStopper"]
trainer.train().best_epoch + 1  # E[pyright=reportOptionalOperand: "None", mypy=operator: "None"]
trainer.train().losses  # E[pyright=reportAttributeAccessIssue: "losses", mypy=attr-defined: "losses"]
trainer.train().seconds.total  # E[pyright=reportAttributeAccessIssue: "total", mypy=attr-defined: "total"]
trainer.result = trainer.train()  # E[pyright=reportAttributeAccessIssue: "result", mypy=misc: "result"]
trainer.restore(5)  # E[pyright=reportArgumentType: "where", mypy=arg-type: "restore"]
narrower: Trainer[LabelledInput, VAEOutput] = trainer  # E[pyright=reportAssignmentType: invariant, mypy=assignment]


class MyTrainer(Trainer[VAEInput, VAEOutput]): ...  # E[pyright=reportGeneralTypeIssues: final, mypy=misc: final]
