"""What is loaded when: nothing before it is used."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

_TRACKING = {"mlflow", "wandb", "tensorboard", "clearml", "neptune", "artifact_experiment"}
_DRAWING = {"matplotlib", "seaborn", "scipy", "sklearn", "dython", "PIL", "plotly"}
_NOTEBOOK = {"IPython", "ipywidgets", "nbclient"}  # tqdm is loaded by torch
LATER = {*_TRACKING, *_DRAWING, *_NOTEBOOK, "artifact_core", "optuna"}

_LOADED = """
import sys
def loaded(*also):
    wanted = {later} | {{*also}}
    return sorted(wanted & ({{name.partition('.')[0] for name in sys.modules}} | {{*sys.modules}}))
"""

_TRAINED = """
import tempfile, torch
from artifact_torch import *
from artifact_torch.contracts import AnyStep, RunState

class Seen:
    def on_start(self, step: AnyStep, state: RunState) -> None: print("start", *loaded("pandas"))
    def on_epoch_end(self, state: RunState) -> None: print("epoch", *loaded("pandas"))

net = supervised(torch.nn.Linear(2, 1), torch.nn.functional.mse_loss)
step = OptimizerStep(net, optimizer=torch.optim.SGD)
rows = TensorTable(Labelled(inputs=torch.ones(8, 2), target=torch.ones(8, 1)))
loader = DataLoader(rows, batch_size=4)
trainer = Trainer(
    step, train_loader=loader, stop=[EpochBoundStopper(max_n_epochs=1)], hooks=[Seen()],
    best=BestScoreTracker("loss"), run_folder=tempfile.mkdtemp(),
    routines=[DataLoaderRoutine(loader, scores=[LossCallback("loss")], every=1)], progress="lines",
)
print("built", *loaded("pandas"))
result = trainer.train()
print("trained", result.n_steps, *loaded("pandas"))
"""


def said(*programs: str) -> list[str]:
    """The lines that a new process prints."""
    text = _LOADED.format(later=LATER) + "".join(programs)
    command = [sys.executable, "-c", text]
    done = subprocess.run(  # noqa: S603  (our own program)
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_package_loads_nothing() -> None:
    program = (
        "import artifact_torch; print(*loaded('torch', 'numpy', 'pandas', 'typing', 'logging'))"
    )
    assert said(program) == [""]


def test_a_run_loads_what_it_uses() -> None:
    """Without pandas too, as long as no frame is read."""
    assert said(_TRAINED) == ["built", "start", "epoch", "trained 2"]


def test_a_table_and_a_plan_of_names_do_without_artifact_core() -> None:
    program = """
import pandas as pd
from artifact_torch.table_comparison import *
from artifact_torch.table_comparison.known import NAMES
from artifact_torch.contracts import ResultKind
df = pd.DataFrame({"x": [1.0, 2.0], "c": ["a", "b"]})
spec = table_spec(df, cts_features=["x"], cat_features=["c"])
plan = TableComparisonPlan(**{f"{kind.value}s": sorted(NAMES[kind]) for kind in ResultKind})
routine = TableComparisonRoutine(spec=spec, plan=plan, params=None, train=Split(df, every=1))
print(len(routine.result_names), *loaded())
tables = TableComparisonResources(spec=spec, df_real=df, generated=df)
(one,) = plan.execute(tables, [(ResultKind.SCORE, "MEAN_JS_DISTANCE")])
print(one.value, *sorted({'artifact_core', 'matplotlib'} & {*sys.modules}))
"""
    assert said(program) == ["35", "0.0 artifact_core matplotlib"]


@pytest.mark.parametrize("at", ["imported", "built", "first step"])
def test_the_demo_loads_nothing_of_its_validation_before_its_first_steps(
    at: str, tmp_path: Path
) -> None:
    program = f"""
import demo.__main__ as program
from artifact_torch.trainer.loop.session import Session
from artifact_torch import Trainer
def tell(where, *_):
    print("loaded", *loaded())
    raise SystemExit
if {at!r} == "imported": tell("imported")
if {at!r} == "built": Trainer.train = tell
if {at!r} == "first step": Session._count = tell
program.main(["--out", {str(tmp_path / "run")!r}])
"""
    assert {line for line in said(program) if line.startswith("loaded")} == {"loaded"}


def test_this_test_can_fail() -> None:
    assert said("import seaborn; print(*loaded())")[0].split()[:1] == ["IPython"]
