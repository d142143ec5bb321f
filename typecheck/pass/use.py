"""The trained model put to use, and a run that is taken up again."""

from collections.abc import Mapping

import pandas as pd
import torch
import torch.utils.data as torch_data
from artifact_torch import Accuracy, DataLoader, DataLoaderRoutine, EpochBoundStopper, FolderCheckpointer, LossCallback, OptimizerStep, TensorTable, Trainer, TrainingResult, mapped
from artifact_torch.contracts import Averaged, LoaderRoutine, RunState
from torch import Tensor
from typecheck.common import VAE, Classifier, CodesLoader, LabelledInput, LabelledLoader, LabelScore, LossOutput, LossScore, MuMeans, MuScore, VAEInput, VAEOutput, adam
from typing_extensions import assert_type

loader = CodesLoader()
stop = EpochBoundStopper(max_n_epochs=3)
trainer = Trainer(OptimizerStep(VAE(), optimizer=adam), train_loader=loader, stop=[stop], checkpointer=FolderCheckpointer("run", every=1))
labelled = Trainer(OptimizerStep(Classifier(), optimizer=adam), train_loader=LabelledLoader(), stop=[stop])

assert_type(trainer.evaluate(DataLoaderRoutine(loader, scores=[LossCallback("test")])), Mapping[str, object])  # OK
assert_type(trainer.evaluate(DataLoaderRoutine(loader, scores=[LossScore(), MuScore()], score_collections=[MuMeans()]), weights="best"), Mapping[str, object])  # OK
trainer.evaluate(DataLoaderRoutine[VAEInput, VAEOutput](loader, scores=[MuScore()]), weights="last")  # OK
trainer.evaluate(DataLoaderRoutine(DataLoader(TensorTable(VAEInput(codes=Tensor())), batch_size=2), scores=[MuScore()]))  # OK
trainer.evaluate(DataLoaderRoutine(loader, scores=[Accuracy("exact", of=lambda batch, output: (output["mu"], batch["codes"]))]))  # OK
labelled.evaluate(DataLoaderRoutine(LabelledLoader(), scores=[LabelScore(), LossScore()]))  # OK


def by_whatever(routine: LoaderRoutine[LabelledInput, LossOutput]) -> float:
    """Values are objects: scores have to be told."""
    value = labelled.evaluate(routine)["loss"]
    return value if isinstance(value, float) else 0.0


def pairs() -> torch_data.DataLoader[tuple[Tensor, Tensor]]:
    raise NotImplementedError


assert_type(trainer.predict(loader), list[VAEOutput])  # OK
assert_type(trainer.predict(loader, weights="best")[0]["mu"], Tensor)  # OK
assert_type(labelled.predict(LabelledLoader()), list[LossOutput])  # OK
trainer.predict(LabelledLoader())  # OK
trainer.predict(DataLoader(TensorTable(VAEInput(codes=Tensor())), batch_size=2))  # OK
trainer.predict(mapped(pairs(), lambda pair: VAEInput(codes=pair[0])))  # OK
torch.cat([output["mu"] for output in trainer.predict(loader)])  # OK

assert_type(trainer.rehearse(), Mapping[str, object])  # OK
assert_type(trainer.restore(), RunState)  # OK
assert_type(trainer.restore(epoch=3), RunState)  # OK
assert_type(trainer.restore(step=500).n_steps, int)  # OK
assert_type(trainer.restore().ends_epoch, bool)  # OK
assert_type(trainer.restore().seconds, float)  # OK
trainer.load_state_dict(dict(trainer.state_dict()))  # OK

result: TrainingResult = trainer.train()
assert_type(result.scores, pd.DataFrame)  # OK
assert_type(result.best_step, int | None)  # OK
assert_type(result.averaged_weights, Mapping[str, object] | None)  # OK
assert_type(result.run_folder, str | None)  # OK
result.settings["learning_rate"]  # OK


def with_average(step: Averaged) -> None:
    with step.averaged():
        trainer.predict(loader)  # OK
