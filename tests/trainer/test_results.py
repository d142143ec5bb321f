"""What routines return, and what they are asked for."""

import logging
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import pytest
from torch import nn

from artifact_torch import (
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    FolderCheckpointer,
    LossCallback,
    OptimizerStep,
    Trainer,
    TrainingResult,
    bind,
)
from artifact_torch.contracts import (
    ArtifactResults,
    Failure,
    Moment,
    Result,
    ResultKind,
    ResultName,
    Results,
)
from artifact_torch.errors import ValidationError
from tests.toys import Batches, Fit, Points, points, seeded_regression
from tests.trainer.composed import ADAM, Recorded

A: ResultName = (ResultKind.SCORE, "a")
B: ResultName = (ResultKind.SCORE, "b")
KEYS: ResultName = (ResultKind.SCORE_COLLECTION, "keys")


class Gives:
    """Announces `names`, is asked for `asked` of them at each moment, and gives what `make` makes."""

    def __init__(
        self,
        make: Callable[[Moment], Results],
        *,
        names: Sequence[ResultName] = (A, B),
        asked: Callable[[Moment], Collection[ResultName]] | None = None,
    ) -> None:
        self.result_names = names
        self._make = make
        self._asked = asked
        self.calls: list[tuple[Moment, Collection[ResultName]]] = []

    def due(self, moment: Moment) -> Collection[ResultName]:
        return self.result_names if self._asked is None else self._asked(moment)

    def validate(self, model: nn.Module, names: Collection[ResultName], moment: Moment) -> Results:
        self.calls.append((moment, names))
        return self._make(moment)


def trainer(
    *routines: Gives,
    n_epochs: int = 1,
    folder: Path | None = None,
    every: int = 1,
    client: Recorded | None = None,
    best: BestScoreTracker | None = None,
) -> Trainer[Points, Fit]:
    model = seeded_regression()
    return Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=n_epochs)],
        best=best,
        checkpointer=None if folder is None else FolderCheckpointer(folder, every=every),
        routines=[bind(routine, model) for routine in routines],
        tracking_clients=[] if client is None else [client],
        progress=False,
        sanity=False,
    )


def scores(result: TrainingResult) -> dict[str, list[float]]:
    table = result.epoch_scores
    return {str(name): [float(value) for value in table[name]] for name in table.columns}


# -- at the door -------------------------------------------------------------------------------

FORMS: list[Results] = [
    ArtifactResults(scores={"a": 1.0, "b": 2}),
    {"a": 1, "b": 2.0},
    [Result(*A, 1.0), Result(*B, 2)],
    (Result(*B, 2.0), Result(*A, 1.0)),
]


@pytest.mark.parametrize("given", FORMS)
def test_three_forms_say_the_same(given: Results) -> None:
    client = Recorded()
    result = trainer(Gives(lambda _: given), client=client).train()
    assert scores(result) == {"a": [1.0], "b": [2.0]}
    assert sorted(client.scores) == [("a", 1.0), ("b", 2.0)]
    assert all(type(value) is float for _, value in client.scores)
    assert result.failures == {}


def test_data_may_be_of_every_kind_and_a_failure() -> None:
    given: Results = [Result(*KEYS, {"x": 1}), Failure(*A, "no rows"), Result(*B, 2.0)]
    result = trainer(Gives(lambda _: given, names=(A, B, KEYS))).train()
    assert scores(result) == {"b": [2.0]}
    assert list(result.score_collections["keys"]["x"]) == [1.0]
    assert result.failures == {"a": "epoch 1: no rows"}


def test_an_asked_name_that_is_missing_is_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    result = trainer(Gives(lambda _: {"a": 1.0})).train()
    assert scores(result) == {"a": [1.0]}
    reason = "epoch 1: Gives.validate was asked for it and did not return it"
    assert result.failures == {"b": f"epoch 1: {reason}"}
    assert f"b could not be computed at epoch 1: {reason}" in caplog.text


def test_an_unasked_name_is_dropped() -> None:
    client = Recorded()
    gives = Gives(lambda _: {"a": 1.0, "b": 2.0}, asked=lambda _: [A])
    result = trainer(gives, client=client).train()
    assert scores(result) == {"a": [1.0]}
    assert client.scores == [("a", 1.0)]
    assert result.failures == {}


WRONG: list[tuple[object, str]] = [
    (None, "got None, expected ArtifactResults; return ArtifactResults(scores={...}), or {}"),
    (1.5, "got 1.5, expected ArtifactResults"),
    ("ab", "got 'ab', expected ArtifactResults"),
    ([1.5], "got 1.5 in a sequence, expected Result(kind, name, value) or Failure("),
    ({"a": "high", "b": 1.0}, "score \"a\": got 'high', expected a number; return a float"),
    ({1: 1.0}, "scores: got the key 1, expected a str"),
    ({"c": 1.0}, 'score "c" came from a routine that does not list it; add it to the result_names'),
    ([Result(*KEYS, 1.0)], 'score_collection "keys" came from a routine that does not list it'),
]


@pytest.mark.parametrize(("given", "said"), WRONG)
def test_anything_else_is_refused_with_its_routine(given: object, said: str) -> None:
    def make(_: Moment) -> Results:
        results: Results = vars(gives)["given"]
        return results

    gives = Gives(make)
    vars(gives)["given"] = given
    with pytest.raises(ValidationError) as refused:
        trainer(gives).train()
    assert str(refused.value).startswith("epoch 1: Gives.validate: ")
    assert said in str(refused.value)


def test_names_that_are_due_and_not_announced_are_refused() -> None:
    gives = Gives(lambda _: {"a": 1.0}, names=[A], asked=lambda _: [A, B])
    with pytest.raises(ValidationError, match="Gives.due: got .*which result_names does not list"):
        trainer(gives).train()


# -- what is due -------------------------------------------------------------------------------


def often_and_seldom(moment: Moment) -> list[ResultName]:
    """`a` every epoch, `b` every two, both at the end."""
    if moment.ends_run:
        return [A, B]
    return [A, B] if moment.epoch % 2 == 0 else [A]


def by_epoch(moment: Moment) -> Results:
    return {"a": float(moment.epoch), "b": 10.0 * moment.epoch}


def moments(gives: Gives) -> list[tuple[int, int, bool, list[str]]]:
    return [
        (moment.epoch, moment.step, moment.ends_run, [name for _, name in names])
        for moment, names in gives.calls
    ]


def test_the_end_of_the_run_computes_exactly_what_the_last_epoch_left_out() -> None:
    gives = Gives(by_epoch, asked=often_and_seldom)
    client = Recorded()
    run = trainer(gives, n_epochs=3, client=client)
    result = run.train()
    assert moments(gives) == [
        (1, 2, False, ["a"]),
        (2, 4, False, ["a", "b"]),
        (3, 6, False, ["a"]),
        (3, 6, True, ["b"]),
    ]
    assert list(result.epoch_scores.index) == [1, 2, 3]
    assert scores(result)["a"] == [1.0, 2.0, 3.0]
    assert scores(result)["b"][1:] == [20.0, 30.0]
    assert [value for name, value in client.scores if name == "b"] == [20.0, 30.0]


def test_nothing_is_left_for_the_end_where_the_last_epoch_computed_all() -> None:
    gives = Gives(by_epoch, asked=often_and_seldom)
    trainer(gives, n_epochs=2).train()
    assert [ends_run for _, _, ends_run, _ in moments(gives)] == [False, False]


def test_a_second_train_computes_nothing_again_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gives = Gives(by_epoch, asked=often_and_seldom)
    run = trainer(gives, n_epochs=3)
    first = run.train()
    n_calls = len(gives.calls)
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger="artifact_torch"):
        second = run.train()
    assert len(gives.calls) == n_calls
    assert second.epoch_scores.equals(first.epoch_scores)
    assert caplog.messages == [
        (
            "train: nothing was left to train: 3 epochs completed; go on with stoppers that stop "
            "later, train(stop=[EpochBoundStopper(max_n_epochs=13)])"
        )
    ]


def test_going_on_after_the_end_computes_the_next_epochs_as_ever() -> None:
    gives = Gives(by_epoch, asked=often_and_seldom)
    run = trainer(gives, n_epochs=1)
    run.train()
    result = run.train(stop=[EpochBoundStopper(max_n_epochs=3)])
    assert scores(result) == {"a": [1.0, 2.0, 3.0], "b": [10.0, 20.0, 30.0]}
    assert [(epoch, ends) for epoch, _, ends, _ in moments(gives)] == [
        (1, False),
        (1, True),
        (2, False),
        (3, False),
        (3, True),
    ]


@pytest.mark.parametrize("every", [1, 2, 3])
def test_a_finished_run_that_is_restored_computes_nothing_again(tmp_path: Path, every: int) -> None:
    first = trainer(
        Gives(by_epoch, asked=often_and_seldom), n_epochs=3, folder=tmp_path, every=every
    ).train()
    gives, client = Gives(by_epoch, asked=often_and_seldom), Recorded()
    run = trainer(gives, n_epochs=3, folder=tmp_path, every=every, client=client)
    assert run.restore().n_epochs_elapsed == 3
    result = run.train()
    assert gives.calls == []
    assert client.scores == []
    assert result.epoch_scores.equals(first.epoch_scores)


def test_what_is_due_at_the_end_alone_may_decide_about_the_best_epoch() -> None:
    gives = Gives(by_epoch, asked=lambda moment: [A, B] if moment.ends_run else [])
    result = trainer(gives, n_epochs=2, best=BestScoreTracker("b")).train()
    assert result.best_epoch == 2
    assert list(result.epoch_scores["b"].dropna()) == [20.0]


def test_a_loader_is_read_for_the_callbacks_that_are_asked_for() -> None:
    """The loader's routine and a bound one are asked alike."""
    model = seeded_regression()
    routine = DataLoaderRoutine(
        Batches(points(), 10), scores=[LossCallback("one"), LossCallback("other")], every=2
    )
    gives = Gives(by_epoch, asked=often_and_seldom)
    result = Trainer(
        OptimizerStep(model, optimizer=ADAM),
        train_loader=Batches(points(), 10),
        stop=[EpochBoundStopper(max_n_epochs=3)],
        routines=[routine, bind(gives, model)],
        progress=False,
        sanity=False,
    ).train()
    present = {name: list(result.epoch_scores[name].dropna().index) for name in ("one", "b")}
    assert present == {"one": [2, 3], "b": [2, 3]}
    assert result.epoch_scores["one"].equals(result.epoch_scores["other"].rename("one"))
