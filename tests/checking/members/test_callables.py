"""What becomes of `self`, and which parameter an argument was meant for."""

from collections.abc import Callable
from types import ModuleType

from artifact_torch.checking import check_contract
from artifact_torch.contracts import BatchCallback, LoaderCallback

Load = Callable[[str], ModuleType]


def test_self_is_forgotten(load: Load) -> None:
    module = load(
        """
        class Forgot:
            name = "x"
            def start() -> None: ...
            def update(batch: In, output: Out) -> None: ...
            def finish(*, k: int = 1) -> float: ...
        class Renamed:
            name = "x"
            def start(this) -> None: ...
            def update(x: In, y: Out) -> None: ...
            def finish(*args: Any) -> float: ...
        """
    )
    assert [str(v) for v in check_contract(module.Forgot, LoaderCallback)] == [
        "start: has no self; add self as the first parameter [binding]",
        (
            "update: has no self: the object itself would arrive as batch; add self as the first "
            "parameter [binding]"
        ),
        "finish: has no self; add self as the first parameter [binding]",
    ]
    assert [str(v) for v in check_contract(module.Renamed(), LoaderCallback)] == [
        (
            "update: has no self: the object itself would arrive as x; add self as the first "
            "parameter [binding]"
        )
    ]


def test_arguments_are_compared_with_those_of_their_name(load: Load) -> None:
    module = load(
        """
        class NoStep:
            def on_batch(self, batch: In, output: Out) -> None: ...
        """
    )
    contract = module.BatchCallback[module.In, module.Out]
    for asked in (BatchCallback, contract):
        assert [str(v) for v in check_contract(module.NoStep(), asked)] == [
            (
                "on_batch: accepts only 2 arguments by position, is also given step; add the "
                "parameter step before batch [parameter-missing]"
            )
        ]
