"""Members that are missing, or called by other names."""

from collections.abc import Callable
from types import ModuleType

from artifact_torch.checking import check_contract
from artifact_torch.contracts import TrackingClient, TrainerRecipe
from artifact_torch.table_comparison.contracts import TableSpec

Load = Callable[[str], ModuleType]


def test_missing_members_say_what_to_write(load: Load) -> None:
    module = load(
        """
        class Recipe:
            def step(self, model: Model[In, Out]) -> TrainingStep[In, Out]: ...
            def stopp(self) -> list[EarlyStopper[RunState]]: ...
        """
    )
    said = [str(v) for v in check_contract(module.Recipe(), TrainerRecipe)]
    assert said[:3] == [
        "stop: is missing; rename stopp to stop? [missing]",
        (
            "best: is missing; add def best(self) -> ModelTracker[RunState] | None, or name "
            "TrainerRecipe as a base class for its default [missing]"
        ),
        (
            "callbacks: is missing; add def callbacks(self) -> Sequence[BatchCallback[In, Out] | StepCallback], "
            "or name TrainerRecipe as a base class for its default [missing]"
        ),
    ]


def test_a_client_is_called_by_name(load: Load) -> None:
    module = load(
        """
        class Swapped:
            def log_score(self, name: str, score: float): ...
        """
    )
    said = [str(v) for v in check_contract(module.Swapped(), TrackingClient)]
    assert said[:4] == [
        (
            "log_score: names argument 1 name, callers may write score=; rename name to score "
            "[parameter-name]"
        ),
        (
            "log_score: names argument 2 score, callers may write name=; rename score to name "
            "[parameter-name]"
        ),
        "log_score(name): accepts str, is called with float: float is not a str [parameter-type]",
        "log_score(score): accepts float, is called with str: str is not a float [parameter-type]",
    ]
    assert [v.member for v in check_contract(module.Swapped(), TrackingClient)][4:] == [
        "log_array",
        "log_plot",
        "log_score_collection",
        "log_array_collection",
        "log_plot_collection",
        "log_file",
    ]


def test_what_only_getattr_gives_is_unverified(load: Load) -> None:
    module = load(
        """
        class Collecting:
            def log_score(self, *args: Any, **kwargs: Any): ...
            def __getattr__(self, name): raise RuntimeError("asked")
        """
    )
    dynamic = check_contract(module.Collecting(), TrackingClient)
    assert {(v.severity, v.code) for v in dynamic} == {("unverified", "dynamic")}
    assert len(dynamic) == 6


def test_no_advice_to_rename_what_the_contract_needs(load: Load) -> None:
    module = load(
        """
        class Spec:
            cat_features = ("a",)
            n_continuous_features = 2
        class States:
            def state_dict(self) -> dict[str, Any]: return {}
        class Both(Protocol):
            def state_dict(self) -> dict[str, Any]: ...
            def load_state_dict(self, state: dict[str, Any], /) -> None: ...
        class Inherited(Both):
            def state_dict(self) -> dict[str, Any]: return {}
        """
    )
    spec = {v.member: str(v) for v in check_contract(module.Spec(), TableSpec)}
    assert spec["n_cat_features"] == (
        "n_cat_features: is missing; add n_cat_features to the class [missing]"
    )
    assert [str(v) for v in check_contract(module.States(), module.Both)] == [
        (
            "load_state_dict: is missing; add def load_state_dict(self, state: dict[str, Any], /) "
            "-> None [missing]"
        )
    ]
    assert [str(v) for v in check_contract(module.Inherited(), module.Both)] == [
        (
            "load_state_dict: is only declared by Both, its body returns None; write "
            "load_state_dict [not-implemented]"
        )
    ]


def test_each_name_is_proposed_for_what_it_means(load: Load) -> None:
    module = load(
        """
        class Recipe:
            def _get_step(self, model: Model[In, Out]) -> TrainingStep[In, Out]: ...
            def _get_stop(self) -> list[EarlyStopper[RunState]]: ...
            def val_loader_routine(self, loader: Any) -> None: ...
        class Named(TrainerRecipe[In, Out]):
            def _get_step(self, model: Model[In, Out]) -> TrainingStep[In, Out]: ...
            def stop(self) -> list[EarlyStopper[RunState]]: raise RuntimeError
        """
    )
    fixes = {v.member: v.fix or "" for v in check_contract(module.Recipe(), TrainerRecipe)}
    assert fixes["step"] == "rename _get_step to step?"
    assert fixes["stop"] == "rename _get_stop to stop?"
    assert fixes["validation_loader_routine"].startswith("rename val_loader_routine to ")
    assert fixes["train_loader_routine"].startswith("add def train_loader_routine(self, ")
    assert [v.fix for v in check_contract(module.Named(), TrainerRecipe)] == [
        "rename _get_step to step?"
    ]
