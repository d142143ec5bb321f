"""Whole compositions, each as it would be written."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

import pandas as pd
import torch
from artifact_core.table_comparison import TableComparisonScoreType, TabularDataSpec
from artifact_experiment.tracking import FilesystemTrackingClient, InMemoryTrackingClient
from artifact_torch import BatchRoutine, BestScoreTracker, DataLoader, DataLoaderRoutine, EpochBoundStopper, FolderCheckpointer, LossCallback, OptimizerStep, OutputMeansCallback, PatienceStopper, TensorTable, Trainer, TrainingResult, TrainingSeconds, bind, by_score, per_epoch, score, stop_when, track_best, TrainLoss, steps
from artifact_torch.contracts import BatchCallback, BatchSource, EarlyStopper, RunState, InT, LoaderRoutine, Model, Moment, OutT, ResultKind, ResultName, TrackingClient
from artifact_torch.routines import BoundRoutine
from artifact_torch.table_comparison import Split, TableComparisonPlan, TableComparisonRoutine
from torch import Tensor, nn
from torch.optim.lr_scheduler import ReduceLROnPlateau, StepLR
from typecheck.common import VAE, Classifier, CodesLoader, LabelledInput, LabelledLoader, LabelScore, LossOutput, LossScore, MuMeans, MuScore, Regressor, SamplingParams, SeesLabel, SeesLoss, SeesMu, ThresholdStopper, ThresholdTracker, VAEInput, VAEOutput, adam
from typing_extensions import TypedDict, assert_type

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


class WeightRoutine:
    """Validates any module."""

    result_names: Sequence[ResultName] = ((ResultKind.SCORE, "norm"),)

    def due(self, moment: Moment) -> Collection[ResultName]:
        return self.result_names if moment.ends_run else ()

    def validate(self, model: nn.Module, names: Collection[ResultName], moment: Moment) -> dict[str, float]:
        return {}


# the whole of it: no type is written
trainer = Trainer(
    OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=1e-3), schedule=lambda optimizer: per_epoch(StepLR(optimizer, step_size=10)), clip_norm=1.0, device="cpu"),
    train_loader=DataLoader(TensorTable(VAEInput(codes=codes)), batch_size=512, shuffle=True, seed=0),
    stop=[EpochBoundStopper(max_n_epochs=200), PatienceStopper("val_loss", patience=5)],
    best=BestScoreTracker("val_loss"),
    checkpointer=FolderCheckpointer("checkpoints", every=5),
    callbacks=[TrainLoss(every=steps(10)), SeesMu(), SeesLoss()],
    routines=[DataLoaderRoutine(loader, scores=[LossCallback("val_loss"), MuScore()], every=5), bind(routine, model)],
    tracking_clients=[FilesystemTrackingClient.build(experiment_id="demo"), InMemoryTrackingClient.build(experiment_id="demo")],
)  # OK
assert_type(trainer, Trainer[VAEInput, VAEOutput])  # OK
assert_type(trainer.train(), TrainingResult)  # OK
assert_type(trainer.train(stop=[PatienceStopper("train_loss", patience=3)]), TrainingResult)  # OK
assert_type(trainer.train(stop=[EpochBoundStopper(max_n_epochs=9), stop_when(ThresholdStopper(), on=lambda state: state.scores["val_loss"])]), TrainingResult)  # OK
assert_type(trainer.result, TrainingResult)  # OK
assert_type(trainer.restore(), int)  # OK
assert_type(trainer.train().epoch_scores, pd.DataFrame)  # OK
assert_type(trainer.train().seconds, TrainingSeconds)  # OK

# the same, types written
written = Trainer[VAEInput, VAEOutput](
    OptimizerStep(model, optimizer=partial(torch.optim.Adam, lr=1e-3)),
    train_loader=loader,
    stop=[EpochBoundStopper(max_n_epochs=200), stop_when(ThresholdStopper(), on=lambda state: state.scores["val_loss"])],
    best=track_best(ThresholdTracker(), by=lambda state: state.scores["val_loss"]),
    callbacks=[BatchRoutine([SeesLoss(), SeesMu()])],
    routines=[DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[LossCallback("train_loss"), MuScore()], every=5), bind(routine, model)],
    tracking_clients=[InMemoryTrackingClient.build(experiment_id="demo")],
)  # OK
assert_type(written, Trainer[VAEInput, VAEOutput])  # OK

# the least
step = OptimizerStep(model, optimizer=adam, schedule=lambda optimizer: by_score(ReduceLROnPlateau(optimizer), "train_loss"))
assert_type(Trainer[VAEInput, VAEOutput](step, train_loader=loader, stop=[stop]), Trainer[VAEInput, VAEOutput])  # OK
assert_type(Trainer(step, train_loader=loader, stop=[stop]), Trainer[VAEInput, VAEOutput])  # OK
assert_type(Trainer(OptimizerStep(Classifier(), optimizer=adam), train_loader=LabelledLoader(), stop=[stop]), Trainer[LabelledInput, LossOutput])  # OK
Trainer(OptimizerStep(model, optimizer=adam, device=torch.device("cpu")), train_loader=loader, stop=(stop,), validation_seed=3, fixed_dimensions=["genes"], debug=True, progress=False)  # OK
Trainer(step, train_loader=loader, stop=[stop], callbacks=[], routines=[], tracking_clients=[])  # OK

# a loader that gives more than the model asks for, and callbacks that read it
assert_type(Trainer(step, train_loader=LabelledLoader(), stop=[stop]), Trainer[LabelledInput, VAEOutput])  # OK
assert_type(Trainer(step, train_loader=LabelledLoader(), stop=[stop], callbacks=[SeesLabel()]), Trainer[LabelledInput, VAEOutput])  # OK
assert_type(Trainer(step, train_loader=LabelledLoader(), stop=[stop], callbacks=[SeesLabel(), SeesMu(), SeesLoss()]), Trainer[LabelledInput, VAEOutput])  # OK
Trainer(step, train_loader=LabelledLoader(), stop=[stop], callbacks=[BatchRoutine([SeesLabel(), SeesMu()]), SeesLoss()])  # OK
Trainer(step, train_loader=LabelledLoader(), stop=[stop], callbacks=[SeesLabel()], routines=[DataLoaderRoutine(LabelledLoader(), scores=[LabelScore(), MuScore()]), bind(routine, model)])  # OK
Trainer[VAEInput, VAEOutput](step, train_loader=LabelledLoader(), stop=[stop])  # OK
Trainer[LabelledInput, VAEOutput](step, train_loader=LabelledLoader(), stop=[stop], callbacks=[SeesLabel()])  # OK
Trainer[LabelledInput, LossOutput](step, train_loader=LabelledLoader(), stop=[stop], routines=[DataLoaderRoutine[LabelledInput, LossOutput](LabelledLoader(), scores=[LabelScore(), LossScore()])])  # OK
Trainer[VAEInput, LossOutput](step, train_loader=loader, stop=[stop])  # OK
Trainer[VAEInput, LossOutput](OptimizerStep(Regressor(), optimizer=adam), train_loader=loader, stop=[stop], callbacks=[SeesLoss()])  # OK

# a routine whose loader gives more than the trainer's
Trainer(step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine[LabelledInput, VAEOutput](LabelledLoader(), scores=[LabelScore(), MuScore()])])  # OK
by_label = DataLoaderRoutine(LabelledLoader(), scores=[LabelScore()])
Trainer(step, train_loader=loader, stop=[stop], routines=[by_label])  # OK
Trainer(step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(LabelledLoader(), scores=[LabelScore()])])  # FALSE[mypy]: it prefers the type that the trainer asks for over the loader's; give the routine a name first

# callbacks by themselves, in lists of several kinds, in tuples, in variables
assert_type(Trainer(step, train_loader=loader, stop=[stop], callbacks=[SeesLoss(), SeesMu(), TrainLoss()]), Trainer[VAEInput, VAEOutput])  # OK
Trainer(step, train_loader=loader, stop=[stop], callbacks=(SeesMu(), SeesLoss()))  # OK
Trainer[VAEInput, VAEOutput](step, train_loader=loader, stop=[stop], callbacks=[SeesLoss(), SeesMu()])  # OK
Trainer[VAEInput, VAEOutput](step, train_loader=loader, stop=[stop], callbacks=[BatchRoutine([SeesLoss(), SeesMu(), SeesLoss()])])  # OK
watching: BatchCallback[VAEInput, VAEOutput] = BatchRoutine([SeesMu()])
Trainer(step, train_loader=loader, stop=[stop], callbacks=[watching, SeesLoss()])  # OK
watchers: list[BatchCallback[VAEInput, VAEOutput]] = [SeesLoss(), SeesMu()]
Trainer(step, train_loader=loader, stop=[stop], callbacks=watchers)  # OK
unwritten = [SeesLoss(), SeesMu()]
Trainer(step, train_loader=loader, stop=[stop], callbacks=unwritten)  # FALSE[mypy]: a list of two classes is list[object] to mypy; write its type, or a tuple

# routines of both kinds, in one list
assert_type(Trainer(step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossScore(), MuScore()]), bind(routine, model)]), Trainer[VAEInput, VAEOutput])  # OK
assert_type(Trainer(step, train_loader=loader, stop=[stop], routines=[bind(routine, model), DataLoaderRoutine(loader, scores=[MuScore()])]), Trainer[VAEInput, VAEOutput])  # OK
assert_type(Trainer(step, train_loader=loader, stop=[stop], routines=[bind(WeightRoutine(), model), bind(routine, model)]), Trainer[VAEInput, VAEOutput])  # OK
Trainer(step, train_loader=loader, stop=[stop], routines=(bind(routine, model), DataLoaderRoutine(loader, scores=[LossScore(), MuScore()])))  # OK
Trainer(step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossScore(), MuScore()]), DataLoaderRoutine(CodesLoader(), score_collections=[MuMeans(), OutputMeansCallback("terms", keys=["mu"])])])  # OK
Trainer[VAEInput, VAEOutput](step, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossScore(), MuScore()]), bind(routine, model)])  # OK
routines: list[LoaderRoutine[VAEInput, VAEOutput] | BoundRoutine] = [DataLoaderRoutine(loader, scores=[MuScore()]), bind(routine, model)]
Trainer(step, train_loader=loader, stop=[stop], routines=routines)  # OK
of_loaders: list[LoaderRoutine[VAEInput, VAEOutput]] = [DataLoaderRoutine(loader, scores=[MuScore()])]
Trainer(step, train_loader=loader, stop=[stop], routines=of_loaders)  # OK
Trainer(step, train_loader=loader, stop=[stop], routines=[*of_loaders, bind(routine, model)])  # OK
by_loss = DataLoaderRoutine(loader, scores=[LossCallback("loss")])
Trainer[VAEInput, VAEOutput](step, train_loader=loader, stop=[stop], routines=[by_loss])  # OK
Trainer(step, train_loader=loader, stop=[stop], routines=(by_loss, by_loss))  # OK

# stoppers and trackers
Trainer(step, train_loader=loader, stop=[PatienceStopper("loss", patience=3)])  # OK
Trainer(step, train_loader=loader, stop=[stop, PatienceStopper(lambda state: state.scores.get("loss"), patience=3, mode="max")], best=BestScoreTracker(score("loss"), mode="max", tolerance=0.1))  # OK
Trainer(step, train_loader=loader, stop=[stop], best=track_best(ThresholdTracker(), by=lambda state: state.scores["loss"]))  # OK
stoppers: Sequence[EarlyStopper[RunState]] = [stop, PatienceStopper("loss", patience=3)]
Trainer(step, train_loader=loader, stop=stoppers)  # OK
unwritten_stoppers = [stop, PatienceStopper("loss", patience=3)]
Trainer(step, train_loader=loader, stop=unwritten_stoppers)  # FALSE[mypy]: a list of two classes is list[object] to mypy; write its type, or a tuple
clients: list[TrackingClient] = [InMemoryTrackingClient.build(experiment_id="demo")]
Trainer(step, train_loader=loader, stop=[stop], tracking_clients=clients)  # OK


# a step of one's own, whose output has more keys than the model's
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
    """Two networks, two optimizers."""

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


gan = Adversarial(Regressor(), Classifier())
assert_type(Trainer(gan, train_loader=loader, stop=[stop]), Trainer[VAEInput, GANOutput])  # OK
assert_type(Trainer(gan, train_loader=loader, stop=[stop], callbacks=[SeesBothLosses(), SeesLoss(), TrainLoss()]), Trainer[VAEInput, GANOutput])  # OK
assert_type(Trainer(gan, train_loader=loader, stop=[stop], routines=[DataLoaderRoutine(loader, scores=[LossScore(), DiscriminatorScore()]), bind(WeightRoutine(), gan.model)]), Trainer[VAEInput, GANOutput])  # OK
Trainer(Adversarial(Regressor(), Regressor()), train_loader=LabelledLoader(), stop=[stop], callbacks=[SeesBothLosses(), SeesLabel()])  # OK
Trainer[VAEInput, GANOutput](gan, train_loader=loader, stop=[stop], callbacks=[SeesBothLosses()])  # OK


def trained(model: Model[InT, OutT], loader: BatchSource[InT]) -> Trainer[InT, OutT]:
    """A user's own function for every model."""
    return Trainer(OptimizerStep(model, optimizer=adam), train_loader=loader, stop=[stop], callbacks=[TrainLoss()], routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss")])])  # OK


assert_type(trained(VAE(), CodesLoader()), Trainer[VAEInput, VAEOutput])  # OK
assert_type(trained(Classifier(), LabelledLoader()), Trainer[LabelledInput, LossOutput])  # OK
