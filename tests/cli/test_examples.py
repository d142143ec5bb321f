"""Contracts that users write by hand have an example that fits and one that does not."""

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from artifact_torch.checking import check_contract
from artifact_torch.cli.catalogue import all_contracts
from artifact_torch.cli.explain import Example, example_of, explanation, listing
from artifact_torch.cli.reports.findings import Claim
from artifact_torch.cli.static.asking import Asking
from artifact_torch.cli.static.witness import witness_of
from artifact_torch.cli.targets.examine import Subject, examine
from artifact_torch.cli.targets.question import Question, find_project

CONTRACTS = all_contracts()
EXAMPLES = [name for name in CONTRACTS if example_of(name)]


def example(name: str) -> Example:
    found = example_of(name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_right_class_fits_and_the_wrong_one_does_not(name: str) -> None:
    contract = CONTRACTS[name].protocol
    assert check_contract(example(name).right, contract) == []
    assert any(v.severity == "error" for v in check_contract(example(name).wrong, contract))


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_shown_is_a_complete_program(name: str) -> None:
    shown = example(name)
    module = types.ModuleType("shown")
    sys.modules["shown"] = module
    try:
        exec(shown.source, vars(module))  # noqa: S102  (our own source)
        assert check_contract(vars(module)[shown.right.__name__], CONTRACTS[name].protocol) == []
    finally:
        del sys.modules["shown"]
    assert "Wrong" not in shown.source
    assert shown.wrong_source.lstrip("@").startswith(("class Wrong", "dataclass"))


@pytest.mark.parametrize("name", CONTRACTS)
def test_the_explanation_has_everything(name: str) -> None:
    text = explanation(name)
    assert text.startswith(CONTRACTS[name].signature)
    for member in CONTRACTS[name].members:
        assert member in text
    assert CONTRACTS[name].about in text
    shown = example_of(name)
    for violation in check_contract(shown.wrong, CONTRACTS[name].protocol) if shown else []:
        assert f"    {violation}\n" in text


def test_the_explanation_of_a_model() -> None:
    text = explanation("Model")
    assert text.startswith("Model[In, Out]\n\n    from artifact_torch.contracts import Model\n\n")
    assert (
        '\n    class Model(Protocol[In_contra, Out_co]):\n        """What a trainer asks ' in text
    )
    assert "\n        def forward(self, model_input: In_contra, /) -> Out_co:\n" in text
    assert "\na class that fits: a regression on three features.\n" in text
    assert "forward -> return: returns Tensor, must return Out" in text


def test_an_explanation_shows_the_contracts_that_are_included() -> None:
    text = explanation("TableSynthesizer")
    for name in ("TableSynthesizer", "Model", "TableGenerator"):
        assert f"\n    class {name}(" in text


def test_every_file_of_examples_belongs_to_a_contract() -> None:
    folder = Path(__file__).parents[2] / "artifact_torch" / "cli" / "examples"
    files = {file.stem.replace("_", "") for file in folder.glob("[a-z]*.py")}
    assert files == {name.lower() for name in EXAMPLES}
    assert {"Model", "TableSynthesizer", "BatchCallback", "BatchSource"} < {*EXAMPLES}


def test_a_contract_without_an_example_shows_what_it_declares() -> None:
    text = explanation("StopperUpdateData")
    assert "a class that fits" not in text
    assert "\nwhat it asks for\n\n    @runtime_checkable\n    class StopperUpdateData(Pro" in text
    assert "        def n_epochs_elapsed(self) -> int" in text


def claims_of(name: str) -> list[Claim]:
    found: list[Claim] = []
    for form in (example(name).right, example(name).wrong):
        module = form.__module__
        subject = Subject(
            value=form, label=name, module=module, expression=f"{module}.{form.__name__}"
        )
        claim = examine(subject, CONTRACTS[name], why="", args=()).claim
        assert claim is not None
        found.append(claim)
    return found


def test_pyright_agrees_about_every_pair(tmp_path: Path) -> None:
    claims = [claim for name in EXAMPLES for claim in claims_of(name)]
    project = find_project(tmp_path)
    question = Question(targets=(), checkers=("pyright",), project=project, cache=tmp_path)
    with Asking(question) as asking:
        ((net, said),) = asking.about(witness_of(claims))
    assert net.trouble == ""
    refused = [claims[number].expression for number, findings in said.items() if findings]
    assert refused == [claim.expression for claim in claims if ".Wrong" in claim.expression]


def test_the_listing_names_each_contract_and_its_members() -> None:
    text = listing()
    for contract in CONTRACTS.values():
        assert f"{contract.signature}\n  {contract.about}\n  asks for: " in text
    assert "\n  asks for: on_batch\n" in text


def test_contracts_are_found_without_loading_a_domain() -> None:
    program = (
        "import sys; from artifact_torch.cli.catalogue import all_contracts;"
        "assert 'TableSynthesizer' in all_contracts();"
        "assert 'artifact_core' not in sys.modules;"
        "import artifact_torch.table_comparison as domain;"
        "assert domain.TableSynthesizer is all_contracts()['TableSynthesizer'].protocol"
    )
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)  # noqa: S603


def test_contracts_of_a_domain_are_loaded_for_those_who_use_its_libraries(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("import torch\n")
    (tmp_path / "lazy.py").write_text("def table():\n    import pandas\n")
    program = (
        "import sys, plain, lazy; from artifact_torch.cli.catalogue import all_contracts;"
        "found = all_contracts(for_module=plain);"
        "assert 'Model' in found and 'TableSynthesizer' not in found and 'pandas' not in sys.modules;"
        "assert 'TableSynthesizer' in all_contracts(for_module=lazy) and 'pandas' in sys.modules"
    )
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), root])}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)  # noqa: S603


def test_every_contract_is_explained_where_no_extra_is_installed() -> None:
    program = (
        "import sys; extras = ('matplotlib', 'artifact_core', 'artifact_experiment');"
        "sys.modules.update(dict.fromkeys(extras));"
        "from artifact_torch.cli.explain import explanation;"
        "from artifact_torch.cli.catalogue import all_contracts;"
        "said = {name: explanation(name) for name in all_contracts()};"
        "assert 'a class that fits' in said['Model']"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)  # noqa: S603
