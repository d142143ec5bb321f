"""Parts that are right alone and do not fit together, refused where they are put together."""

from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import TypedDict

import pytest
import torch
from torch import Tensor

from artifact_torch import (
    BatchRoutine,
    ContractError,
    DataLoader,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OptimizerStep,
    TensorTable,
    Trainer,
)
from artifact_torch.checking import Violation
from artifact_torch.checking.assignability.relation import Relation
from artifact_torch.checking.contract import check_together, judge_groups
from artifact_torch.checking.members.members import Subject
from artifact_torch.checking.places import Place, opened
from artifact_torch.checking.structure import check_members
from artifact_torch.contracts import (
    ArtifactResults,
    BatchDataset,
    BatchSource,
    InT,
    Model,
    Moment,
    OutT,
    ResultName,
)
from tests.toys import Batches, Fit, Points, Regression, points, seeded_regression
from tests.trainer.composed import SGD, untyped

Load = Callable[[str], ModuleType]


class Labelled(TypedDict):
    x: Tensor
    y: Tensor
    label: Tensor


class Labels:
    def batches(self, epoch: int) -> Iterator[Labelled]:
        for batch in Batches(points(), 10).batches(epoch):
            yield Labelled(x=batch["x"], y=batch["y"], label=batch["y"])

    def __len__(self) -> int:
        return 2


class Codes(TypedDict):
    codes: Tensor


class CodeBatches:
    def batches(self, epoch: int) -> Iterator[Codes]:
        yield Codes(codes=torch.zeros(1))

    def __len__(self) -> int:
        return 1


class CodeRows:
    def __getitem__(self, index: int) -> Codes:
        return Codes(codes=torch.zeros(1))

    def __len__(self) -> int:
        return 4


class HasMu(TypedDict):
    mu: Tensor


class MuScore:
    name = "mu"

    def start(self) -> None: ...

    def update(self, batch: object, output: HasMu) -> None: ...

    def finish(self) -> float:
        return 0.0


class LabelScore:
    name = "label"

    def start(self) -> None: ...

    def update(self, batch: Labelled, output: object) -> None: ...

    def finish(self) -> float:
        return 0.0


class WatchesMu:
    def on_batch(self, step: int, batch: object, output: HasMu) -> None: ...


class WatchesLabel:
    def on_batch(self, step: int, batch: Labelled, output: object) -> None: ...


class MuRoutine:
    """A routine of the user's own."""

    result_names: Sequence[ResultName] = ()

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return ()

    def run(
        self,
        evaluate: Callable[[Points], HasMu],
        device: torch.device,
        names: object,
        moment: Moment,
    ) -> ArtifactResults:
        return ArtifactResults()


def built(**parts: object) -> object:
    usual: dict[str, object] = {
        "train_loader": Batches(points(), 10),
        "stop": [EpochBoundStopper(max_n_epochs=1)],
    }
    step = OptimizerStep(seeded_regression(), optimizer=SGD)
    return untyped(Trainer, step, **(usual | parts))


def routine(loader: object, score: object) -> object:
    return untyped(DataLoaderRoutine, loader, scores=[score])


def batch_routine(callback: object) -> object:
    return untyped(BatchRoutine, [callback])


NO_MU = (
    'accepts HasMu, is called with Fit: Fit has no key "mu" (forward -> return of model= gives Fit)'
)
NO_LABEL = 'Points has no key "label" (batches -> return of train_loader= gives Points)'


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(
            lambda: built(train_loader=CodeBatches()),
            "train_loader= CodeBatches does not satisfy BatchSource:\n"
            "  - batches -> return: returns Iterator[Codes], must return Iterator[In]: "
            'Iterator[Codes] is not Iterator[In]: Codes has no key "x"; Codes has no key "y" '
            "(forward(points) of model= accepts Points) [return-type]",
            id="loader-model",
        ),
        pytest.param(
            lambda: built(train_loader=DataLoader(CodeRows(), batch_size=2)),
            "dataset of train_loader= CodeRows does not satisfy Dataset:\n"
            '  - __getitem__ -> return: returns Codes, must return In (some ModelInput): Codes has no key "x"; '
            'Codes has no key "y" (forward(points) of model= accepts Points) [return-type]',
            id="dataset-model",
        ),
        pytest.param(
            lambda: built(callbacks=[WatchesMu()]),
            "callbacks= WatchesMu does not satisfy BatchCallback:\n"
            f"  - on_batch(output): {NO_MU} [parameter-type]",
            id="callback-model",
        ),
        pytest.param(
            lambda: built(callbacks=[batch_routine(WatchesMu())]),
            "callbacks= WatchesMu does not satisfy BatchCallback:\n"
            f"  - on_batch(output): {NO_MU} [parameter-type]",
            id="callback-in-routine-model",
        ),
        pytest.param(
            lambda: built(callbacks=[WatchesLabel()]),
            "callbacks= WatchesLabel does not satisfy BatchCallback:\n"
            f"  - on_batch(batch): accepts Labelled, is called with Points: {NO_LABEL} "
            "[parameter-type]",
            id="callback-loader",
        ),
        pytest.param(
            lambda: built(routines=[routine(Batches(points(), 10), MuScore())]),
            "scores= MuScore does not satisfy LoaderCallback:\n"
            f"  - update(output): {NO_MU} [parameter-type]",
            id="loader-callback-model",
        ),
        pytest.param(
            lambda: built(routines=[routine(Batches(points(), 10), LabelScore())]),
            "scores= LabelScore does not satisfy LoaderCallback:\n"
            "  - update(batch): accepts Labelled, is called with Points: "
            'Points has no key "label" (batches -> return of loader= gives Points) '
            "[parameter-type]",
            id="loader-callback-loader",
        ),
        pytest.param(
            lambda: built(routines=[MuRoutine()]),
            "routines= MuRoutine does not satisfy LoaderRoutine:\n"
            "  - run(evaluate): accepts Callable[[Points], HasMu], is called with "
            'Callable[[In], Out]: Fit has no key "mu" (forward -> return of model= gives Fit) '
            "[parameter-type]",
            id="own-routine-model",
        ),
        pytest.param(
            lambda: built(
                train_loader=CodeBatches(),
                routines=[routine(Batches(points(), 10), MuScore())],
            ),
            "train_loader= CodeBatches does not satisfy BatchSource:\n"
            "  - batches -> return: returns Iterator[Codes], must return Iterator[In]: "
            'Iterator[Codes] is not Iterator[In]: Codes has no key "x"; Codes has no key "y" '
            "(forward(points) of model= accepts Points) [return-type]\n"
            "scores= MuScore does not satisfy LoaderCallback:\n"
            f"  - update(output): {NO_MU} [parameter-type]",
            id="two-at-once",
        ),
    ],
)
def test_parts_that_do_not_fit_together(make: Callable[[], object], said: str) -> None:
    with pytest.raises(ContractError) as raised:
        make()
    assert str(raised.value) == said


def test_a_routine_has_batches_of_its_own() -> None:
    """The training's batches have no label; those of the routine do."""
    assert built(routines=[routine(Labels(), LabelScore())])


def test_a_part_of_two_places_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has said is then said by the other place too."""
    compared: list[object] = []

    def counted(subject: Subject, contract: object, relation: Relation) -> list[Violation]:
        compared.append(subject.instance)
        return check_members(subject, contract, relation)

    monkeypatch.setattr("artifact_torch.checking.contract.check_members", counted)
    loader = Batches(points(), 10)
    assert built(train_loader=loader, routines=[routine(loader, LossCallback("loss"))])
    assert [part for part in compared if part is loader] == [loader]
    with pytest.raises(ContractError) as raised:
        built(train_loader=loader, routines=[routine(loader, LabelScore())])
    assert NO_LABEL.replace("train_loader=", "loader=") in str(raised.value)


def test_a_dataset_of_two_loaders_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though each time under another name, and though its keys cannot be verified."""
    compared: list[object] = []

    def counted(subject: Subject, contract: object, relation: Relation) -> list[Violation]:
        compared.append(subject.instance)
        return check_members(subject, contract, relation)

    monkeypatch.setattr("artifact_torch.checking.contract.check_members", counted)
    table = TensorTable(points())
    loader = DataLoader(table, batch_size=10)
    assert built(train_loader=loader, routines=[routine(loader, LossCallback("loss"))])
    assert [part for part in compared if part is table] == [table]


def doubt_of(name: str, _: type[InT], __: type[OutT]) -> str:
    """What cannot be verified of a table, beside a model of that name."""
    places: list[Place] = [
        (name, seeded_regression(), Model[InT, OutT]),
        ("dataset", TensorTable(points()), BatchDataset[InT]),
    ]
    (found,) = check_together(places)[1]
    return found.message


def test_what_nobody_can_verify_is_told_of_the_part_that_is_asked() -> None:
    """Also where it was found out before, of another part."""

    first, second = doubt_of("model", Points, Fit), doubt_of("other", Points, Fit)
    assert "forward(points) of model accepts Points" in first
    assert second == first.replace("of model", "of other")


def test_a_loader_that_gives_more_than_the_model_takes_joins_a_callback_that_needs_it() -> None:
    assert built(train_loader=Labels(), callbacks=[batch_routine(WatchesLabel())])


def test_what_is_not_known_at_run_time_is_not_refused() -> None:
    table = TensorTable(Labelled(x=torch.ones(4, 3), y=torch.ones(4), label=torch.ones(4)))
    assert built(
        train_loader=DataLoader(table, batch_size=2), callbacks=[batch_routine(WatchesLabel())]
    )


def members(*places: Place) -> list[list[str]]:
    return [[each.member for each in violations] for violations in check_together(places)]


def pair(_: type[InT], __: type[OutT]) -> tuple[Place, Place]:
    return ("", CodeBatches(), BatchSource[InT]), ("", Regression(), Model[InT, OutT])


def test_type_variables_are_shared_by_the_places_of_one_call_alone() -> None:
    loader, model = pair(Points, Fit)
    assert members(loader, model) == [[], ["forward(points)"]]
    assert members(loader) + members(model) == [[], []]


def test_bare_contracts_share_nothing() -> None:
    assert members(("", CodeBatches(), BatchSource), ("", Regression(), Model)) == [[], []]


def test_the_values_of_a_table_decide_where_its_type_is_not_known(load: Load) -> None:
    module = load(
        """
        from artifact_torch import DataLoader, TensorTable
        class Reads(Protocol):
            def on_batch(self, step: int, batch: Any, output: Any) -> None: ...
        class ReadsX:
            def on_batch(self, step: int, batch: In, output: Out) -> None: ...
        class ReadsY:
            def on_batch(self, step: int, batch: WideIn, output: Out) -> None: ...
        class Unannotated(nn.Module):
            def forward(self, x): ...
        class Batches:
            def batches(self, epoch): ...
            def __len__(self) -> int: ...
        loader = DataLoader(TensorTable(In(x=torch.zeros(4, 1))), batch_size=2)
        source, model, reads = BatchSource[InT], Model[InT, OutT], BatchCallback[InT, OutT]
        """
    )
    loader = ("train_loader=", module.loader, module.source)
    model = ("model=", module.Unannotated(), module.model)
    unknown = ("other=", module.Batches(), module.source)
    reads = module.reads
    for places in ([loader], [unknown, loader], [model, loader]):
        opened_places = [*opened([*places, ("right=", module.ReadsX(), reads)])]
        assert judge_groups([opened_places])[0] == []
        wrong, *_ = judge_groups([opened([*places, ("wrong=", module.ReadsY(), reads)])])
        assert len(wrong) == 1
        assert wrong[0].startswith("wrong= ReadsY does not satisfy BatchCallback:")
        assert 'dict of "x" has no key "y"' in wrong[0]
