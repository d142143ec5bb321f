"""README and pages: every program runs as it stands, in order, and prints what is written below it."""

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from artifact_torch import Trainer

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "docs/how_to.md",
    "docs/data.md",
    "docs/larger_than_memory.md",
    "docs/tables.md",
    "docs/several_processes.md",
    "docs/validation.md",
    "docs/classification.md",
    "docs/table_comparison.md",
    "docs/coming_from_lightning.md",
    "docs/inside_the_model.md",
    "docs/extending.md",
    "docs/reference.md",
)
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", re.DOTALL)
SAID = re.compile(r"standard error says.*?\n\n```text\n(.*?)```", re.DOTALL)
CONTRACTS = {  # on the page of contracts, and a type of texts
    *("AnyBinaryClassifier", "BinaryClassifier", "BinaryPredictor"),
    *("AnyMulticlassClassifier", "MulticlassClassifier", "MulticlassPredictor"),
    *("AnyRegressor", "NumberPredictor", "Regressor"),
    "Kind",
    "AnyTableSynthesizer",
    "TableComparisonResources",
    "TableGenerator",
    "TableSpec",
    "TableSynthesizer",
}
TORCH_ON_3_13_0 = "ignore:Guards may run slower"
END = "=== end of a block ==="


@pytest.mark.parametrize("page", PAGES)
def test_every_program_runs_in_order_in_an_empty_folder(page: str, tmp_path: Path) -> None:
    blocks = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    program = tmp_path / "program.py"
    ending = f"\nprint({END!r})\n"
    program.write_text("".join(code + ending for code, _ in blocks), encoding="utf-8")
    folder = tmp_path / "empty"
    folder.mkdir()
    done = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-W", "error", "-W", TORCH_ON_3_13_0, str(program)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    for said in SAID.findall((ROOT / page).read_text(encoding="utf-8")):
        assert {*masked(said).splitlines()} <= {*masked(done.stderr).splitlines()}
    printed = done.stdout.split(f"{END}\n")
    for (_, expected), text in zip(blocks, printed, strict=False):
        if expected:
            assert spaced(text) == spaced(expected)
    assert len(printed) == len(blocks) + 1


def masked(text: str) -> str:
    """`text` with `#` for what depends on the machine: times, last digits, device, where a run is."""
    return re.sub(r"\d+\.\d+|(?<=float32  )\w+|\S+(?=/runs/)", "#", text)


def spaced(text: str) -> list[str]:
    """Lines without the spaces at their ends: an editor takes them away."""
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def test_the_loop_is_the_trainers_word_for_word() -> None:
    page = (ROOT / "docs" / "the_loop.md").read_text(encoding="utf-8")
    shown = BLOCK.findall(page)[0][0]
    source = textwrap.dedent(inspect.getsource(inspect.getattr_static(Trainer, "train")))
    assert textwrap.indent(shown, "    ").strip() in source


def test_the_reference_has_every_public_name_with_an_example() -> None:
    page = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    entries = re.findall(r"^::: (\S+)$(.*?)(?=^:::|^## |\Z)", page, re.MULTILINE | re.DOTALL)
    packages = [
        importlib.import_module(name)
        for name in (
            "artifact_torch",
            *(
                f"artifact_torch.{each}"
                for each in (
                    "inside",
                    "tables",
                    "domain_kit",
                    "table_comparison",
                    "binary_classification",
                    "multiclass_classification",
                    "regression",
                )
            ),
        )
    ]
    public = {
        getattr(package, name)
        for package in packages
        for name in package.__all__
        if name not in CONTRACTS
    }
    shown = [pkgutil.resolve_name(path) for path, _ in entries]
    assert sorted(map(str, shown)) == sorted(map(str, public))
    for path, example in entries:
        part = pkgutil.resolve_name(path)
        assert part.__doc__, path
        needs_none = issubclass(part, Exception) if isinstance(part, type) else False
        in_readme = path.startswith("artifact_torch.table_comparison")
        assert needs_none or in_readme or "```python" in example, f"{path} has no example"


def test_the_readme_is_short_and_its_pages_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    words = re.sub(r"```.*?```", "", text, flags=re.DOTALL).split()
    assert len(words) <= 700
    links = re.findall(r"\]\(((?!http)[^)#]+)\)", text)
    assert len(links) > 8
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_site_and_its_first_page_lead_to_every_page() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    site = re.findall(r": (\w+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    home = re.findall(r"\]\((\w+\.md)\)", (ROOT / "docs" / "index.md").read_text("utf-8"))
    assert sorted(site) == sorted(pages)
    assert {*home, "index.md"} == pages


def test_every_row_of_what_is_expected_is_in_the_programs_of_its_page() -> None:
    page = (ROOT / "docs" / "coming_from_lightning.md").read_text(encoding="utf-8")
    programs = "".join(code for code, _ in BLOCK.findall(page))
    table = page.split("## What a trainer is expected to have")[1].split("Not there:")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 24
    for expected, here in rows:
        code = " ".join(re.findall(r"`(.*?)`", here))
        calls = re.findall(r"\w+(?=\()|\w+(?==)", code)
        assert calls or "there:" in here or expected == " pruning by Optuna ", expected
        assert [name for name in calls if not re.search(rf"\b{name}\b", programs)] == [], expected
