"""The pages of `docs/`: what is generated is up to date, what is a program runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from artifact_torch.cli.catalogue import all_contracts
from typecheck import compare, docs
from typecheck.markers import CHECKERS

CALLBACKS = docs.CALLBACKS_PAGE.read_text(encoding="utf-8")
CONTRACTS = docs.PAGE.read_text(encoding="utf-8")


def programs(text: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "program.py"
    file.write_text(program, encoding="utf-8")
    return subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-W", "error", str(file)], capture_output=True, text=True, check=False
    )


def test_the_page_of_contracts_is_what_would_be_generated() -> None:
    assert docs.page(docs.kept_words(CONTRACTS)) == CONTRACTS, "run python typecheck/docs.py"


def test_check_notices_a_page_that_is_out_of_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "contracts.md"
    page.write_text(CONTRACTS.replace("[not-implemented]", "").replace("def ", "de ", 1))
    assert docs.main(["--check", "--page", str(page)]) == 1
    assert capsys.readouterr().out == "contracts.md is out of date: run python typecheck/docs.py\n"
    page.write_text(CONTRACTS, encoding="utf-8")
    assert docs.main(["--check", "--page", str(page)]) == 0


def test_check_notices_a_page_that_is_missing(tmp_path: Path) -> None:
    assert docs.main(["--check", "--page", str(tmp_path / "contracts.md")]) == 1


def test_both_checkers_say_something_about_every_wrong_class() -> None:
    words = docs.kept_words(CONTRACTS)
    expected = {(c, each.contract.name) for c in CHECKERS for each in docs.entries()}
    assert len(expected) >= 2 * 8
    assert {place for place, said in words.items() if said.strip()} == expected


def test_every_contract_has_a_section_with_all_its_members() -> None:
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", CONTRACTS, re.DOTALL | re.MULTILINE))
    known = all_contracts()
    assert {*sections} == {*known}
    for name, contract in known.items():
        assert all(member in sections[name] for member in contract.members)


def test_every_wrong_class_is_refused_at_run_time_with_a_reason() -> None:
    said = re.findall(r"What the run-time check says:\n\n```text\n(.*?)\n```", CONTRACTS, re.DOTALL)
    assert len(said) == len(docs.entries())
    assert all(re.search(r"\[[a-z-]+\]$", each) for each in said)


def test_the_callback_of_the_guide_works_for_its_models(tmp_path: Path) -> None:
    done = run(programs(CALLBACKS)[0], tmp_path)
    assert done.returncode == 0, done.stderr
    # 64 rows by 16, two epochs: 8 batches
    assert done.stdout.split() == ["8"]


def test_the_wrong_pair_of_the_guide_ends_as_the_guide_says(tmp_path: Path) -> None:
    done = run("".join(programs(CALLBACKS)[:2]), tmp_path)
    assert done.returncode == 1
    said = re.search(r"What `Trainer.*?```text\n(.*?)\n```", CALLBACKS, re.DOTALL)
    assert said is not None
    assert done.stderr.endswith(f"ContractError: {said[1]}\n")


@pytest.mark.parametrize("checker", CHECKERS)
def test_the_guide_quotes_the_checkers(checker: str) -> None:
    said = re.search(rf"What {checker} says:\n\n```text\n(.*?)\n```", CALLBACKS, re.DOTALL)
    assert said is not None
    assert "MuRange" in said[1]


def test_the_page_of_checkers_names_the_versions_that_are_compared() -> None:
    page = compare.PAGE.read_text(encoding="utf-8")
    rows = {
        cells[1].strip(): cells[2].strip()
        for line in page.splitlines()
        if line.startswith("| ") and len(cells := line.split("|")) > 3
    }
    assert {name: rows[name] for name in compare.VERSIONS} == dict(compare.VERSIONS)
