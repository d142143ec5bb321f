"""Methods that were meant to be a hook whose default is used instead."""

from collections.abc import Callable
from types import ModuleType

import pytest

from artifact_torch.checking import check_contract, require_contract
from artifact_torch.contracts import TrainerRecipe
from artifact_torch.errors import ContractError

Load = Callable[[str], ModuleType]

RECIPE = """
class Recipe(TrainerRecipe[In, Out]):
    def step(self, model: Model[In, Out], /) -> TrainingStep[In, Out]: raise RuntimeError
    def stop(self) -> Sequence[EarlyStopper[RunState]]: raise RuntimeError
"""

MEANT = {
    "callback": "callbacks",
    "call_backs": "callbacks",
    "calbacks": "callbacks",
    "get_callbacks": "callbacks",
    "_get_callbacks": "callbacks",
    "_get_best": "best",
    "checkpoint": "checkpointer",
    "checkpointing": "checkpointer",
    "ckpt": "checkpointer",
    "train_routine": "train_loader_routine",
    "trian_loader_routine": "train_loader_routine",
    "_get_train_loader_routine": "train_loader_routine",
    "val_routine": "validation_loader_routine",
    "val_loader_routine": "validation_loader_routine",
    "valid_loader_routine": "validation_loader_routine",
}

HELPERS = [
    "build_callbacks",
    "make_best",
    "best_score",
    "log_lr",
    "get_lr",
    "run_name",
    "optimizer",
    "schedule",
    "checkpoint_dir",
    "checkpoint_path",
    "track_scores",
    "tracking",
    "trainer",
    "model",
    "build_model",
    "batch_size",
    "train_loader",
    "val_loader",
    "test_loader_routine",
    "loader_routine",
    "routine",
    "_best",
    "_callbacks",
]


@pytest.mark.parametrize(("name", "hook"), MEANT.items())
def test_a_hook_by_another_name(load: Load, name: str, hook: str) -> None:
    module = load(f"{RECIPE}\n    def {name}(self, *args: Any) -> None: ...")
    line = (
        f"{name}: is not a hook of TrainerRecipe, the default {hook} is used; "
        f"rename {name} to {hook}? [unknown-member]"
    )
    for target in (module.Recipe, module.Recipe()):
        for contract in (TrainerRecipe, module.TrainerRecipe[module.In, module.Out]):
            assert [str(v) for v in check_contract(target, contract)] == [line]


@pytest.mark.parametrize("name", HELPERS)
def test_a_helper_is_nobodys_business(load: Load, name: str) -> None:
    module = load(f"{RECIPE}\n    def {name}(self, *args: Any) -> None: ...")
    assert check_contract(module.Recipe(), TrainerRecipe) == []


@pytest.mark.parametrize(
    "body",
    [
        # the hook is there: the other method is its helper
        "def get_best(self) -> None: ...\n    def best(self) -> None: return self.get_best()",
        # settings
        "callback: tuple[int, ...] = (10, 20)\n    checkpoint = True",
        "@property\n    def callback(self) -> int: return 3",
    ],
)
def test_neither_helpers_of_hooks_nor_settings(load: Load, body: str) -> None:
    module = load(f"{RECIPE}\n    {body}")
    assert check_contract(module.Recipe(), TrainerRecipe) == []


def test_hooks_of_another_base(load: Load) -> None:
    module = load(
        f"""
        class Scheduled(Protocol):
            def callback(self) -> int: ...
        {RECIPE.replace(chr(10), chr(10) + "        ")}
        class Both(Recipe, Scheduled):
            def callback(self) -> int: return 3
        class Base(Recipe):
            def callback(self) -> int: return 3
        class Derived(Base): pass
        """
    )
    assert check_contract(module.Both(), TrainerRecipe) == []
    assert [v.member for v in check_contract(module.Derived(), TrainerRecipe)] == ["callback"]


def test_what_a_misspelt_hook_says_to_a_run(load: Load) -> None:
    module = load(f"{RECIPE}\n    def calbacks(self) -> None: ...")
    with pytest.raises(ContractError) as caught:
        require_contract(module.Recipe(), TrainerRecipe, role="recipe")
    assert str(caught.value) == (
        "recipe Recipe does not satisfy TrainerRecipe:\n"
        "  - calbacks: is not a hook of TrainerRecipe, the default callbacks is used; rename "
        "calbacks to callbacks? [unknown-member]"
    )
