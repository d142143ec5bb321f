"""What a trainer says about its arguments before anything is trained."""

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import pytest
from torch import nn

from artifact_torch import (
    BatchRoutine,
    BestScoreTracker,
    DataLoaderRoutine,
    EpochBoundStopper,
    LossCallback,
    OutputMeansCallback,
    PatienceStopper,
    Trainer,
    TrainLoss,
    bind,
    score,
    stop_when,
    track_best,
)
from artifact_torch.contracts import ArtifactResults, Moment, ResultName
from artifact_torch.errors import ContractError
from artifact_torch.internal.keywords import OF_TRAINERS
from tests.toys import seeded_regression
from tests.trainer.composed import loose, refused, source, untyped


class Routine:
    """Validates whatever can `speak`."""

    result_names: tuple[ResultName, ...] = ()

    def due(self, moment: Moment) -> Sequence[ResultName]:
        return ()

    def validate(self, model: "Speaker", names: object, moment: Moment) -> ArtifactResults:
        return ArtifactResults()


class Speaker:
    def speak(self) -> str:
        return ""


LOSS = DataLoaderRoutine(source(), scores=[LossCallback("loss")])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"validation_seed": "0"}, "validation_seed must be an int of at least 0, got '0'"),
        ({"validation_seed": -1}, "validation_seed must be at least 0, got -1"),
        ({"debug": "no"}, "debug must be True or False, got 'no'"),
        ({"progress": None}, 'progress must be "auto", "bar", "lines" or False, got None'),
        (
            {"fixed_dimensions": "batch"},
            "fixed_dimensions must be a list, got 'batch'; write [...] around it",
        ),
        (
            {"routines": LOSS},
            "routines must be a list, got a DataLoaderRoutine; write [...] around it",
        ),
        (
            {"callbacks": TrainLoss()},
            "callbacks must be a list, got a TrainLoss; write [...] around it",
        ),
        (
            {"callbacks": None},
            "callbacks must be a list, got None; leave it out, or write []",
        ),
        (
            {"stop": 10},
            "stop must be a list of stoppers, got 10; write [EpochBoundStopper(max_n_epochs=10)]",
        ),
        (
            {"stop": []},
            (
                "stop must be a list of stoppers, got an empty list, with which training never ends; "
                "write [EpochBoundStopper(max_n_epochs=100)]"
            ),
        ),
        (
            {"stop": None},
            (
                "stop must be a list of stoppers, got None; write "
                "[EpochBoundStopper(max_n_epochs=100)]"
            ),
        ),
        (
            {"stop": EpochBoundStopper(max_n_epochs=1)},
            "stop must be a list, got an EpochBoundStopper; write [...] around it",
        ),
    ],
)
def test_an_option_of_the_wrong_type(options: dict[str, object], said: str) -> None:
    assert refused(lambda: loose(**options)) == f"Trainer: {said}"


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("model", "an argument of the step: Trainer(OptimizerStep(model, optimizer=...), ...)"),
        ("device", "an argument of the step: Trainer(OptimizerStep(model, device=...), ...)"),
        ("max_epochs", "stop=[EpochBoundStopper(max_n_epochs=...)]"),
        ("epochs", "stop=[EpochBoundStopper(max_n_epochs=...)]"),
        ("early_stopper", 'stop=[..., PatienceStopper("score", patience=...)]'),
        ("val_loader", "routines=[DataLoaderRoutine(loader, scores=[...])]"),
        ("loader_routines", "routines=[DataLoaderRoutine(loader, scores=[...])]"),
        ("artifact_routine", "routines=[bind(routine, model)]"),
        ("batch_routine", "callbacks=[...]"),
        ("tracking_client", "tracking_clients=[...]"),
        ("max_steps", "stop=[StepBoundStopper(max_n_steps=...)]"),
        ("max_time", "stop=[TimeBoundStopper(max_minutes=...)]"),
        ("limit_train_batches", "train_loader=limited(loader, n_batches=...)"),
        ("limit_val_batches", "routines=[DataLoaderRoutine(limited(loader, n_batches=...))]"),
        ("fast_dev_run", "trainer.rehearse(), instead of train(),"),
        ("overfit_batches", "train_loader=repeated(loader, n_batches=...)"),
        ("num_sanity_val_steps", "sanity="),
        (
            "val_check_interval",
            "routines=[DataLoaderRoutine(loader, every=...)], with epochs or steps(n),",
        ),
        (
            "log_every_n_steps",
            "an argument of each callback: callbacks=[TrainLoss(every=steps(...))]",
        ),
        ("enable_model_summary", "progress=, which says the summary where it is not False,"),
        ("profiler", 'callbacks=[Profile("trace.json", after=...)]'),
        (
            "auto_lr_find",
            "find_learning_rate(step, loader).suggestion, before the trainer is built,",
        ),
        ("ckpt_path", "run_folder=, whose run train() goes on with,"),
        ("enable_checkpointing", "run_folder=..., checkpoint_every=..."),
        ("hparams", "settings="),
        ("batch_size", "an argument of the loader: train_loader=DataLoader(table, batch_size=...)"),
        ("criterion", "part of the model: OptimizerStep(supervised(net, loss), ...)"),
        ("metrics", 'routines=[DataLoaderRoutine(loader, scores=[Accuracy("accuracy")])]'),
        (
            "gradient_clip_val",
            "an argument of the step: Trainer(OptimizerStep(model, clip_norm=...), ...)",
        ),
    ],
)
def test_a_keyword_of_another_trainer_hears_ours(word: str, ours: str) -> None:
    assert refused(lambda: loose(**{word: 1})) == f"Trainer: {word}= is {ours} here"


def test_no_foreign_word_is_one_of_ours() -> None:
    assert OF_TRAINERS.keys().isdisjoint(inspect.signature(Trainer).parameters)


@pytest.mark.parametrize("stop", [10, [], None])
def test_stoppers_given_to_train_are_a_list_too(stop: object) -> None:
    said = refused(lambda: untyped(loose().train, stop=stop))
    assert said.startswith("train: stop must be a list of stoppers, got ")


def test_all_options_in_one_error() -> None:
    said = refused(lambda: loose(debug="no", validation_seed=-1, stop=None))
    assert len(said.splitlines()) == 3


def test_none_is_no_part() -> None:
    said = refused(lambda: loose(train_loader=None), ContractError)
    assert said.startswith("train_loader= NoneType does not satisfy BatchSource")
    said = refused(lambda: untyped(Trainer, None, train_loader=source(), stop=[1]), ContractError)
    assert "step= NoneType does not satisfy TrainingStep" in said
    for place in ("routines", "callbacks", "stop", "tracking_clients"):
        said = refused(partial(loose, **{place: [None]}), ContractError)
        assert said.startswith(f"{place}= NoneType does not satisfy ")


# -- routines and their models -----------------------------------------------------------------


def test_a_routine_and_a_model_that_do_not_fit_are_not_bound() -> None:
    assert untyped(bind, Routine(), Speaker()).name == "Routine"
    assert refused(lambda: untyped(bind, Routine(), seeded_regression()), ContractError) == (
        "routine= Routine does not satisfy ArtifactRoutine[Regression]:\n"
        "  - validate(model): accepts Speaker, is called with Regression: Regression is not a "
        "Speaker [parameter-type]"
    )


def test_a_routine_without_due_is_told_its_signature() -> None:
    class Old:
        result_names: tuple[ResultName, ...] = ()

        def is_due(self, epoch: int, *, final: bool) -> bool:
            return True

        def validate(self, model: nn.Module, names: object, moment: Moment) -> ArtifactResults:
            return ArtifactResults()

    said = refused(lambda: untyped(bind, Old(), seeded_regression()), ContractError)
    assert "due: is missing; add def due(self, moment: Moment, /) -> Collection[" in said


class HasEncoder(Protocol):
    encoder: nn.Module


class ReadsEncoder(Routine):
    def validate(self, model: object, names: object, moment: Moment) -> ArtifactResults:
        return ArtifactResults()


ReadsEncoder.validate.__annotations__["model"] = HasEncoder  # narrower than its base: no checker


def test_an_attribute_that_a_routine_reads_is_looked_for_on_the_model_itself() -> None:
    said = refused(lambda: untyped(bind, ReadsEncoder(), seeded_regression()), ContractError)
    assert said.startswith("model= Regression does not satisfy HasEncoder:\n  - encoder: ")
    model = seeded_regression()
    model.encoder = nn.Linear(1, 1)
    assert untyped(bind, ReadsEncoder(), model).of is model


def test_a_key_of_a_score_collection_is_no_score() -> None:
    means = DataLoaderRoutine(
        source(),
        scores=[LossCallback("loss")],
        score_collections=[OutputMeansCallback("means", keys=["residual"])],
    )
    parts: list[dict[str, object]] = [
        {"stop": [PatienceStopper("residual", patience=1)]},
        {"best": BestScoreTracker("residual")},
    ]
    for part in parts:
        assert refused(partial(loose, routines=[means], **part)) == (
            'score "residual": is monitored, but no routine produces it; the scores of this '
            "trainer are ['loss'], its score collections ['means'] (their keys cannot be "
            "monitored); monitor one of them or add a routine that produces it"
        )


# -- where a part checks its own values ---------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: untyped(BatchRoutine, TrainLoss()),
            "BatchRoutine: callbacks must be a list, got a TrainLoss; write [...] around it",
        ),
        (
            lambda: untyped(DataLoaderRoutine, source(), scores=LossCallback("loss")),
            "DataLoaderRoutine: scores must be a list, got a LossCallback; write [...] around it",
        ),
    ],
)
def test_one_callback_where_a_list_belongs(make: Callable[[], object], said: str) -> None:
    assert refused(make) == said


HANDED_OVER: list[tuple[Callable[[], object], str]] = [
    (
        lambda: untyped(stop_when, EpochBoundStopper, on=score("loss")),
        "got the class EpochBoundStopper",
    ),
    (
        lambda: untyped(stop_when, 3, on=score("loss")),
        "stopper= int does not satisfy EarlyStopper",
    ),
    (
        lambda: untyped(track_best, 3, by=score("loss")),
        "tracker= int does not satisfy ModelTracker",
    ),
    (
        lambda: untyped(bind, 3, seeded_regression()),
        "routine= int does not satisfy ArtifactRoutine",
    ),
    (
        lambda: loose(callbacks=[untyped(BatchRoutine, [LossCallback("loss")])]),
        "callbacks= LossCallback does not satisfy BatchCallback",
    ),
    (
        lambda: loose(routines=[untyped(DataLoaderRoutine, source(), scores=[LossCallback])]),
        "scores= got the class LossCallback",
    ),
]


@pytest.mark.parametrize(("make", "said"), HANDED_OVER)
def test_what_slips_past_the_static_checkers_is_named(
    make: Callable[[], object], said: str
) -> None:
    assert said in refused(make, ContractError)
