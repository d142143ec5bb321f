"""Whole compositions, each as it would be written."""

from functools import partial

import pandas as pd
import torch
from artifact_core.table_comparison import TableComparisonScoreType, TabularDataSpec
from artifact_experiment.tracking import FilesystemTrackingClient, InMemoryTrackingClient
from artifact_torch import AnyStopper, BatchLossCallback, BatchRoutine, BestScoreTracker, DataLoader, DataLoaderRoutine, EpochBoundStopper, FolderCheckpointer, LossCallback, OptimizerStep, OutputMeansCallback, PatienceStopper, TensorTable, Trainer, TrainingResult, bind, by_score, per_epoch, score, stop_when, track_best
from artifact_torch.contracts import BatchCallback, BatchSource, InT, LoaderRoutine, Model, OutT
from artifact_torch.table_comparison import Split, TableComparisonPlan, TableComparisonRoutine
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR
from typecheck.common import VAE, Classifier, CodesLoader, LabelledInput, LabelledLoader, LabelScore, LossOutput, LossScore, MuScore, Regressor, SamplingParams, SeesLabel, SeesLoss, SeesMu, VAEInput, VAEOutput, adam
from typing_extensions import assert_type

codes = torch.zeros(8, 3, dtype=torch.int64)
model = VAE()
loader = DataLoader(TensorTable(VAEInput(codes=codes)), batch_size=512, shuffle=True, seed=0)
stop = EpochBoundStopper(max_n_epochs=3)
df_real = pd.DataFrame({"age": [1.0]})
spec = TabularDataSpec.from_df(df_real, cts_features=["age"])
routine = TableComparisonRoutine(
    spec=spec,
    plan=TableComparisonPlan(scores=[TableComparisonScoreType.MEAN_JS_DISTANCE]),
    params=SamplingParams(n_records=1000),
    validation=Split(df_real, every=5),
)

# the whole of it, types written
trainer = Trainer[VAEInput, VAEOutput](
    model=model,
    train_loader=DataLoader(TensorTable(VAEInput(codes=codes)), batch_size=512, shuffle=True, seed=0),
    step=OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=1e-3)),
    stop=AnyStopper(EpochBoundStopper(max_n_epochs=200), stop_when(PatienceStopper(patience=5), on=score("train_loss"))),
    best=track_best(BestScoreTracker(), by=score("train_loss")),
    checkpointer=FolderCheckpointer("checkpoints", every=5),
    batch_routine=BatchRoutine([BatchLossCallback(every_n_steps=10)]),
    loader_routines=[DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[LossCallback("train_loss")], every=5)],
    artifact_routine=bind(routine, model),
    tracking_client=FilesystemTrackingClient.build(experiment_id="demo"),
)  # OK
assert_type(trainer, Trainer[VAEInput, VAEOutput])  # OK
assert_type(trainer.train(), TrainingResult)  # OK
assert_type(trainer.train(stop=stop_when(PatienceStopper(patience=3), on=score("train_loss"))), TrainingResult)  # OK
assert_type(trainer.restore(), int)  # OK
assert_type(trainer.train().epoch_scores, pd.DataFrame)  # OK

# the same, types inferred
inferred = Trainer(
    model=model,
    train_loader=loader,
    step=OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=1e-3), schedule=lambda optimizer: per_epoch(StepLR(optimizer, step_size=10))),
    stop=AnyStopper(EpochBoundStopper(max_n_epochs=200), stop_when(PatienceStopper(patience=5), on=score("train_loss"))),
    best=track_best(BestScoreTracker(), by=score("train_loss")),
    batch_routine=BatchRoutine([BatchLossCallback(every_n_steps=10), SeesMu()]),
    loader_routines=[DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[LossCallback("train_loss"), MuScore()], every=5)],
    artifact_routine=bind(routine, model),
    tracking_client=InMemoryTrackingClient.build(experiment_id="demo"),
    device="cpu",
)  # OK
assert_type(inferred, Trainer[VAEInput, VAEOutput])  # OK

# the least
assert_type(Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop), Trainer[VAEInput, VAEOutput])  # OK
assert_type(Trainer(model=model, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop), Trainer[VAEInput, VAEOutput])  # OK
assert_type(Trainer(model=Classifier(), train_loader=LabelledLoader(), step=OptimizerStep(Classifier(), optimizer=adam), stop=stop), Trainer[LabelledInput, LossOutput])  # OK
step = OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: by_score(ReduceLROnPlateau(optimizer), "train_loss"))
Trainer(model=model, train_loader=loader, step=step, stop=stop, device=torch.device("cpu"), validation_seed=3, progress=False)  # OK

# a loader that gives more than the model asks for, and callbacks that read it
assert_type(Trainer(model=model, train_loader=LabelledLoader(), step=OptimizerStep(model, optimizer=adam), stop=stop), Trainer[LabelledInput, VAEOutput])  # OK
Trainer(model=model, train_loader=LabelledLoader(), step=OptimizerStep(model, optimizer=adam), stop=stop, batch_routine=SeesLabel())  # OK
Trainer(model=model, train_loader=LabelledLoader(), step=OptimizerStep(model, optimizer=adam), stop=stop, batch_routine=BatchRoutine([SeesLabel(), SeesMu()]))  # OK
Trainer[VAEInput, VAEOutput](model=model, train_loader=LabelledLoader(), step=OptimizerStep(model, optimizer=adam), stop=stop)  # OK
Trainer[LabelledInput, VAEOutput](model=model, train_loader=LabelledLoader(), step=OptimizerStep(model, optimizer=adam), stop=stop, batch_routine=SeesLabel())  # OK
Trainer[LabelledInput, LossOutput](model=model, train_loader=LabelledLoader(), step=OptimizerStep(model, optimizer=adam), stop=stop, loader_routines=[DataLoaderRoutine[LabelledInput, LossOutput](LabelledLoader(), scores=[LabelScore(), LossScore()])])  # OK
Trainer[VAEInput, LossOutput](model=model, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop)  # OK
Trainer[VAEInput, LossOutput](model=Regressor(), train_loader=loader, step=OptimizerStep(Regressor(), optimizer=adam), stop=stop, batch_routine=SeesLoss())  # OK

# callbacks by themselves, in lists of several kinds, in variables
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop, batch_routine=SeesLoss())  # OK
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop, batch_routine=BatchRoutine([SeesLoss(), SeesMu(), BatchLossCallback()]))  # OK
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop, loader_routines=[DataLoaderRoutine(loader, scores=[LossScore(), MuScore()]), DataLoaderRoutine(CodesLoader(), score_collections=[OutputMeansCallback("terms", keys=["mu"])])])  # OK
Trainer(model=model, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop, loader_routines=[DataLoaderRoutine(loader, scores=[LossScore(), MuScore()])])  # OK
routines: list[LoaderRoutine[VAEInput, VAEOutput]] = [DataLoaderRoutine(loader, scores=[MuScore()])]
Trainer(model=model, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop, loader_routines=routines)  # OK
by_loss = DataLoaderRoutine(loader, scores=[LossCallback("loss")])
Trainer[VAEInput, VAEOutput](model=model, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop, loader_routines=[by_loss])  # OK
Trainer(model=model, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop, loader_routines=(by_loss, by_loss))  # OK
watching: BatchCallback[VAEInput, VAEOutput] = BatchRoutine([SeesMu()])
Trainer(model=model, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop, batch_routine=watching)  # OK


def trained(model: Model[InT, OutT], loader: BatchSource[InT]) -> Trainer[InT, OutT]:
    """A user's own function for every model."""
    return Trainer[InT, OutT](model=model, train_loader=loader, step=OptimizerStep(model, optimizer=adam), stop=stop, batch_routine=BatchLossCallback())  # OK


assert_type(trained(VAE(), CodesLoader()), Trainer[VAEInput, VAEOutput])  # OK
assert_type(trained(Classifier(), LabelledLoader()), Trainer[LabelledInput, LossOutput])  # OK
