from typing import TypedDict

import pandas as pd
from artifact_core.table_comparison import TableComparisonEngine, TabularDataSpec
from artifact_core.table_comparison.spi import TabularDataSpecProtocol
from torch import Tensor, nn

from artifact_torch.table_comparison import (
    AnyTableSynthesizer,
    TableGenerator,
    TableSpec,
    TableSynthesizer,
)


class RowInput(TypedDict):
    codes: Tensor


class RowOutput(TypedDict):
    loss: Tensor


class RowParams(TypedDict):
    n_records: int


class Synthesizer(nn.Module):
    def forward(self, model_input: RowInput) -> RowOutput:
        return RowOutput(loss=model_input["codes"].sum())

    def generate(self, params: RowParams) -> pd.DataFrame:
        return pd.DataFrame({"age": range(params["n_records"])})


def as_synthesizer(
    model: TableSynthesizer[RowInput, RowOutput, RowParams],
) -> TableSynthesizer[RowInput, RowOutput, RowParams]:
    return model


def as_any_synthesizer(model: AnyTableSynthesizer) -> AnyTableSynthesizer:
    return model


def as_spec(spec: TableSpec) -> TableSpec:
    return spec


def as_spec_of_artifact_core(spec: TabularDataSpecProtocol) -> TabularDataSpecProtocol:
    return spec


def test_a_plain_module_is_a_synthesizer_for_the_checkers_and_at_run_time() -> None:
    model = Synthesizer()
    assert as_any_synthesizer(as_synthesizer(model)) is model
    assert isinstance(model, TableGenerator)
    assert isinstance(model, TableSynthesizer)


def test_a_module_without_generate_is_none() -> None:
    assert not isinstance(nn.Linear(1, 1), TableGenerator)


def test_spec_and_artifact_cores_protocol_stand_for_each_other(spec: TabularDataSpec) -> None:
    assert as_spec_of_artifact_core(as_spec(spec)) is spec
    assert as_spec(as_spec_of_artifact_core(spec)) is spec
    assert isinstance(spec, TableSpec)
    assert TableComparisonEngine.build(resource_spec=as_spec(spec)).resource_spec is spec


def test_a_table_is_no_spec(df_real: pd.DataFrame) -> None:
    assert not isinstance(df_real, TableSpec)
