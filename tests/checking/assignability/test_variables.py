"""Type variables: those of a contract are solved across its members, those of the target known."""

from collections.abc import Callable
from types import ModuleType

import pytest

from artifact_torch.checking import check_contract, solve_contract

Load = Callable[[str], ModuleType]

TWO = """
T = te.TypeVar("T")
T_contra = te.TypeVar("T_contra", contravariant=True)
class Clash(TypedDict):
    x: int
class GiveAndTake(Protocol[T]):
    def give(self) -> T: ...
    def take(self, value: T, /) -> None: ...
class TwoTakes(Protocol[T_contra]):
    def first(self, value: T_contra, /) -> None: ...
    def second(self, value: T_contra, /) -> None: ...
class Both:
    def give(self) -> {0}: ...
    def take(self, value: {1}) -> None: ...
    def first(self, value: {0}) -> None: ...
    def second(self, value: {1}) -> None: ...
"""

VARIABLES: list[tuple[str, tuple[str, str], list[str], dict[str, str]]] = [
    ("GiveAndTake", ("bool", "int"), [], {"T": "bool"}),
    (
        "GiveAndTake",
        ("int", "str"),
        [
            "take(value): accepts str, is called with int: int is not a str (give -> return gives int)"
        ],
        {"T": "int"},
    ),
    ("TwoTakes", ("In", "WideIn"), [], {"T": "WideIn"}),
    (
        "TwoTakes",
        ("In", "Clash"),
        [
            (
                'second(value): accepts Clash, is called with T: the key "x" cannot be both Tensor '
                "and int (first(value) accepts In)"
            )
        ],
        {"T": "In"},
    ),
    (
        "TwoTakes",
        ("Params", "str"),
        [
            (
                "second(value): is not verified, a value would have to be both Params and str "
                "(first(value) accepts Params)"
            )
        ],
        {"T": "Params"},
    ),
]


@pytest.mark.parametrize(("contract", "types", "said", "solved"), VARIABLES)
def test_a_variable_joins_the_members_of_one_contract(
    load: Load, contract: str, types: tuple[str, str], said: list[str], solved: dict[str, str]
) -> None:
    module = load(TWO.format(*types))
    asked = vars(module)[contract]
    found = [f"{v.member}: {v.message}" for v in check_contract(module.Both(), asked)]
    assert found == said
    names = {k: getattr(v, "__name__", "") for k, v in solve_contract(module.Both(), asked).items()}
    assert names == solved


def test_variables_of_the_target_itself(load: Load) -> None:
    module = load(
        """
        I = te.TypeVar("I", bound=ModelInput)
        O = te.TypeVar("O", bound=ModelOutput)
        class Generic2(nn.Module, Generic[I, O]):
            def forward(self, x: I) -> O: ...
        class Fixed(Generic2[In, Out]): pass
        class Half(Generic2[In, O]): pass
        """
    )
    exact = module.Model[module.In, module.Out]
    for fitting in (
        module.Fixed(),
        module.Generic2[module.In, module.Out](),
        module.Half[module.Out],
    ):
        assert check_contract(fitting, exact) == []
        assert solve_contract(fitting, module.Model) == {"In": module.In, "Out": module.Out}
    assert [v.severity for v in check_contract(module.Generic2(), exact)] == ["unverified"] * 2
    assert check_contract(module.Generic2(), module.Model) == []
    assert solve_contract(module.Generic2(), module.Model) == {}
    wrong = check_contract(module.Half[module.Out](), module.Model[module.In, module.WideIn])
    assert [v.member for v in wrong] == ["forward -> return"]


def test_a_domain_contract_extends_the_model(load: Load) -> None:
    module = load(
        """
        import pandas as pd
        from artifact_torch.table_comparison.contracts import TableSynthesizer
        class VAE(nn.Module):
            def forward(self, x: In) -> Out: ...
            def generate(self, params: Params) -> pd.DataFrame: ...
        class Cold(VAE):
            def generate(self, params: ColdParams) -> None: ...
        """
    )
    synthesizer = module.TableSynthesizer
    assert solve_contract(module.VAE(), synthesizer) == {
        "In": module.In, "Out": module.Out, "Params": module.Params,
    }  # fmt: skip
    fits = synthesizer[module.In, module.Out, module.ColdParams]
    assert check_contract(module.VAE(), fits) == []
    refused = check_contract(module.Cold(), synthesizer[module.In, module.Out, module.Params])
    assert [str(v) for v in refused] == [
        (
            "generate(params): accepts ColdParams, is called with Params: Params is not a ColdParams "
            "[parameter-type]"
        ),
        (
            "generate -> return: returns None, must return DataFrame: None is not a DataFrame "
            "[return-type]"
        ),
    ]


def test_routines_are_compared_through_callables(load: Load) -> None:
    module = load(
        """
        class Routine:
            @property
            def result_names(self) -> list[ResultName]: raise RuntimeError("ran")
            def due(self, moment: Moment, /) -> list[ResultName]: ...
            def run(
                self,
                forward: Callable[[In], Out],
                device: torch.device,
                names: object,
                moment: Moment,
            ) -> ArtifactResults: ...
        """
    )
    routine, contract = module.Routine(), module.LoaderRoutine
    assert solve_contract(routine, contract) == {"Batch": module.In, "SeenOut": module.Out}
    assert check_contract(routine, contract[module.In, module.Out]) == []
    wider = check_contract(routine, contract[module.WideIn, module.Out])
    assert [str(v) for v in wider] == [
        (
            "run(forward): accepts Callable[[In], Out], is called with Callable[[WideIn], Out]: "
            'In has no key "y" [parameter-type]'
        )
    ]
