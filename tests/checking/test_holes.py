"""Lines that a checker is known to miss (`HOLE` in `typecheck/reject`) are refused at run time.

Each program is read from the corpus with the definitions it needs, and run. A function of the
corpus that stands for a place (`def client(client: TrackingClient, /) -> None: ...`) becomes the
run-time check of that place; models, loaders and callbacks get bodies, which the corpus leaves out.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol, TypeAlias, get_type_hints, runtime_checkable

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from artifact_torch import (
    ConfigurationError,
    ContractError,
    DataError,
    EpochBoundStopper,
    LossError,
    OptimizerStep,
    Trainer,
)
from artifact_torch.checking import check_contract, require_contract
from artifact_torch.contracts import AnyModel, Model
from typecheck.common import HasLabel, LossOutput, SamplingParams, VAEInput, VAEOutput
from typecheck.markers import CHECKERS, Marker
from typecheck.run import CORPUS, markers_of


class WorkingVAE(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, x: VAEInput) -> VAEOutput:
        return VAEOutput(loss=self.scale * x["codes"].mean(), mu=x["codes"])

    def generate(self, params: SamplingParams) -> pd.DataFrame:
        raise NotImplementedError


class WorkingRegressor(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, x: VAEInput) -> LossOutput:
        return LossOutput(loss=self.scale * x["codes"].mean())


class WorkingLoader:
    def batches(self, epoch: int) -> Iterator[VAEInput]:
        yield VAEInput(codes=torch.ones(2, 1))

    def __len__(self) -> int:
        return 1


class ReadingLabelScore:
    name = "label"

    def start(self) -> None: ...

    def update(self, batch: HasLabel, output: object) -> None:
        assert batch["label"].ndim

    def finish(self) -> float:
        return 0.0


class WorkingUnannotated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, x: VAEInput) -> Tensor:
        return self.scale * x["codes"].mean()


WorkingUnannotated.forward.__annotations__.clear()  # written without, this file is refused


def made_otherwise() -> nn.Module:
    return WorkingRegressor()


WITH_BODIES: Final[Mapping[str, object]] = {
    "VAE": WorkingVAE,
    "Regressor": WorkingRegressor,
    "CodesLoader": WorkingLoader,
    "LabelScore": ReadingLabelScore,
    "Unannotated": WorkingUnannotated,
    "made": made_otherwise,  # the corpus' own gives a model that fits; no checker could tell
}


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The error at run time."""

    error: type[Exception]
    text: str
    """Part of the message."""
    codes: tuple[str, ...] = ()
    """What `check_contract` says about the object, in order, where it is a contract's place."""
    later: bool = field(default=False)
    """Not at the line itself but when what it makes is used: iterated, or trained."""


WRAPPED: Final = ("wrapper",)

CAUGHT: Final[Mapping[str, Refused]] = {
    "TableComparisonPlan(scores='A')": Refused(
        error=ConfigurationError, text="scores: got the string 'A', expected a list: ['A']"
    ),
    "experiment_plan(Hooks, spec)": Refused(
        error=ConfigurationError, text="Hooks._get_score_types is missing or returns None; write it"
    ),
    "OutputMeansCallback('terms', keys='mu')": Refused(
        error=ConfigurationError, text="keys must be a list of one or more keys of the output, got"
    ),
    "DataLoader(torch_data.TensorDataset(codes), batch_size=2)": Refused(
        error=DataError,
        text="TensorDataset cannot be made one batch: an item must be a dict of tensors or numbers",
        later=True,
    ),
    "any_model(NoForward())": Refused(
        error=ContractError,
        text="forward: is not written: nn.Module's own only raises; write forward",
        codes=("not-implemented",),
    ),
    "any_model(TakesTensor())": Refused(
        error=ContractError,
        text="forward(x): accepts Tensor, is called with In (some ModelInput)",
        codes=("parameter-type",),
    ),
    "any_model(Unannotated())": Refused(
        error=LossError,
        text='output of forward: got Tensor, expected a dict with the key "loss"',
        codes=("parameter-type", "return-type"),
        later=True,
    ),
    "vae(nn.Sequential(nn.Linear(1, 1)))": Refused(
        error=ContractError,
        text="forward(input): accepts Tensor, is called with",
        codes=("parameter-type", "return-type"),
    ),
    "vae(parallel)": Refused(
        error=ContractError,
        text="DataParallel hides the signatures of WorkingVAE and renames its state; pass the raw "
        "model (.module of the wrapper)",
        codes=("wrapper",),
    ),
    "vae(cast(VAE, parallel))": Refused(
        error=ContractError, text="pass the raw model (.module", codes=("wrapper",)
    ),
    "vae(cast(VAE, torch.compile(VAE())))": Refused(
        error=ContractError, text="pass the raw model (._orig_mod", codes=("wrapper",)
    ),
    "vae(made())": Refused(
        error=ContractError, text="must return VAEOutput", codes=("return-type",)
    ),
    "stateful(AsyncLoad())": Refused(
        error=ContractError, text="load_state_dict: is async, nobody awaits it", codes=("async",)
    ),
    "optimizer(AsyncDescent())": Refused(
        error=ContractError, text="step: is async, nobody awaits it", codes=("async",)
    ),
    "client(OtherNames())": Refused(
        error=ContractError,
        text="callers may write score=; rename value to score",
        codes=("parameter-name", "parameter-name"),
    ),
    "client(PositionalOnly())": Refused(
        error=ContractError,
        text="takes score by position only, callers may write score=",
        codes=("parameter-name", "parameter-name"),
    ),
    "client(AsyncScores())": Refused(
        error=ContractError, text="log_score: is async, nobody awaits it", codes=("async",)
    ),
    "Trainer(loss_step, train_loader=loader, stop=[stop], routines=[bind(routine, model)])": Refused(
        error=ConfigurationError, text="is bound to another model than the step's"
    ),
    "Trainer(loss_step, train_loader=ImageLoader(), stop=[stop], "
    "routines=[DataLoaderRoutine(loader, scores=[LabelScore()])])": Refused(
        error=ContractError,
        text='VAEInput has no key "label" (batches -> return of loader= gives VAEInput)',
    ),
    "Trainer(step, train_loader=loader, stop=[stop], fixed_dimensions='genes')": Refused(
        error=ConfigurationError,
        text="fixed_dimensions must be a list, got 'genes'; write [...] around it",
    ),
    "Trainer(step, train_loader=loader, stop=[stop], callbacks=[EveryText()])": Refused(
        error=ContractError, text="every: is str, must be int | Cadence"
    ),
    "OptimizerStep(model, optimizer=adam, schedule=per_epoch)": Refused(
        error=ContractError,
        text="schedule: got Adam, an optimizer; expected a scheduler made from it",
    ),
    "Parallel(by='fsdp', blocks=nn.Linear(1, 1))": Refused(
        error=ConfigurationError, text="blocks must be a list of module classes, or a function"
    ),
    "scheduler(AsyncScheduler())": Refused(
        error=ContractError, text="step: is async, nobody awaits it", codes=("async",)
    ),
}

Namespace: TypeAlias = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Hole:
    """A wrong line, and the definitions before it that it needs."""

    file: str
    line: ast.Expr
    definitions: tuple[ast.stmt, ...]

    @property
    def program(self) -> str:
        return ast.unparse(self.line)


def names(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    found = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    return {each.id for each in found if isinstance(each.ctx, context)}


def defined_by(statement: ast.stmt) -> set[str]:
    match statement:
        case ast.Import(names=imported) | ast.ImportFrom(names=imported):
            return {(each.asname or each.name).partition(".")[0] for each in imported}
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
            return {name}
        case ast.Assign() | ast.AnnAssign():
            return names(statement, ast.Store)
        case _:
            return set()


def hole_at(file: str, number: int) -> Hole:
    statements = ast.parse((CORPUS / file).read_text(encoding="utf-8")).body
    line = next(each for each in statements if each.lineno == number)
    assert isinstance(line, ast.Expr), f"{file}:{number}: a hole that is no call needs its own test"
    needed = names(line, ast.Load)
    definitions: list[ast.stmt] = []
    for statement in reversed([each for each in statements if each.lineno < number]):
        if defined_by(statement) & needed:
            definitions.insert(0, statement)
            needed |= names(statement, ast.Load)
    return Hole(file=file, line=line, definitions=tuple(definitions))


def is_hole(marker: Marker) -> bool:
    return marker.wrong and bool(marker.mistaken)


def holes() -> list[Hole]:
    markers = markers_of(sorted(CORPUS.glob("reject/*.py")), CORPUS)
    return [hole_at(*place) for place, marker in markers.items() if is_hole(marker)]


HOLES = holes()


@dataclass(kw_only=True)
class Place:
    """What a function of the corpus without a body becomes."""

    contract: object
    codes: tuple[str, ...] = ()

    def __call__(self, part: object) -> object:
        self.codes = tuple(each.code for each in check_contract(part, self.contract))
        require_contract(part, self.contract)
        return part


def place_of(statement: ast.stmt, namespace: Namespace) -> Place | None:
    match statement:
        case ast.FunctionDef(name=name, body=[ast.Expr(value=ast.Constant(value=value))]):
            hints = get_type_hints(namespace[name])
            contract = next(hint for key, hint in hints.items() if key != "return")
            assert value is ...
            # a step and a trainer ask for a Model of any type; AnyModel is for signatures alone
            return Place(contract=Model if contract == AnyModel else contract)
        case _:
            return None


def run(hole: Hole, places: list[Place]) -> object:
    """What the line makes. Appends the places that it uses to `places`."""
    namespace: Namespace = {"__name__": __name__}
    for statement in hole.definitions:
        exec(compile(ast.Module([statement], []), hole.file, "exec"), namespace)  # noqa: S102
        namespace |= {k: v for k, v in WITH_BODIES.items() if k in defined_by(statement)}
        if isinstance(statement, ast.FunctionDef) and (place := place_of(statement, namespace)):
            namespace[statement.name] = place
            places.append(place)
    made: object = eval(  # noqa: S307
        compile(ast.Expression(hole.line.value), hole.file, "eval"), namespace
    )
    return made


@runtime_checkable
class GivesBatches(Protocol):
    def batches(self, epoch: int, /) -> Iterator[object]: ...


def use(made: object) -> None:
    """Until the first batches have gone through it."""
    if isinstance(made, Trainer):
        made.train()
    elif isinstance(made, GivesBatches):
        next(made.batches(1))
    elif isinstance(made, nn.Module):
        step = OptimizerStep(made, optimizer=partial(torch.optim.SGD, lr=0.1))
        stop = [EpochBoundStopper(max_n_epochs=3)]
        Trainer(step, train_loader=WorkingLoader(), stop=stop).train()


# torch.compile imports what torch itself has deprecated
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.program[:60])
def test_refused_at_run_time(hole: Hole) -> None:
    expected = CAUGHT[hole.program]
    places: list[Place] = []
    if expected.later:
        made = run(hole, places)
        with pytest.raises(expected.error) as raised:
            use(made)
    else:
        with pytest.raises(expected.error) as raised:
            run(hole, places)
    assert type(raised.value) is expected.error
    assert expected.text in str(raised.value)
    assert tuple(code for place in places for code in place.codes) == expected.codes


def test_every_hole_has_an_entry_and_every_entry_its_hole() -> None:
    assert sorted(hole.program for hole in HOLES) == sorted(CAUGHT)


def test_a_hole_is_one_of_a_known_checker() -> None:
    markers = markers_of(sorted(CORPUS.glob("reject/*.py")), CORPUS).values()
    assert {name for marker in markers if is_hole(marker) for name in marker.mistaken} == {
        *CHECKERS
    }
