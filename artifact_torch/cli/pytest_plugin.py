"""`pytest --artifact-contracts research.models`: contracts as test items. The fixture `faults`.

pytest imports every installed plugin in every run: this file loads pytest and the standard library
alone; what checks is imported once a target was named.
"""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, final

import pytest

if TYPE_CHECKING:
    from artifact_torch.cli.reports.findings import Outcome, Place, Report, Status
    from artifact_torch.testing.faults import Faults

_MARK: Final = "artifact_contract"
_REMARKS: Final = pytest.StashKey[Sequence[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, and the same as ini lines."""
    group = parser.getgroup("artifact-contracts", "contracts of artifact_torch")
    group.addoption(
        "--artifact-contracts",
        action="append",
        default=[],
        metavar="TARGET[=CONTRACT]",
        help="check a module, a file, pkg.mod:Name or a factory against the contract that it is "
        "meant for, or the named one; may be repeated. Its module is imported, a factory is called",
    )
    group.addoption(
        "--artifact-contracts-static",
        action="store_true",
        help="ask pyright and mypy too, those that are installed",
    )
    parser.addini(
        "artifact_contracts",
        "targets as for --artifact-contracts, one a line; left out where the command line names "
        "single files or tests",
        type="linelist",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Makes `-m "not artifact_contract"` known."""
    config.addinivalue_line("markers", f"{_MARK}: a target against its contract of artifact_torch")


@pytest.fixture
def faults(tmp_path: Path) -> "Faults":
    """`faults.check(make_trainer)` kills, damages, fills and disconnects a run of yours."""
    from artifact_torch.testing.faults import Faults

    return Faults(tmp_path)


@pytest.hookimpl(tryfirst=True)  # so that -k, -m and --lf choose among these items too
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Adds one item for each target and contract. The check itself happens here, all at once:
    only an imported module tells what is in it.
    """
    targets = _targets(config)
    if targets:
        static: bool = config.option.artifact_contracts_static
        answers = _answers(targets, config.rootpath, static=static)
        config.stash[_REMARKS] = [line for report in answers for line in _remarks(report)]
        items.extend(item for report in answers for item in _items(session, report))


def pytest_report_collectionfinish(config: pytest.Config) -> Sequence[str]:
    """What was left out, and why."""
    nothing: Sequence[str] = ()
    return config.stash.get(_REMARKS, nothing)


@final
class ContractItem(pytest.Item):
    """One target against one contract."""

    status: "Status" = "fits"
    text: str = ""
    place: "Place | None" = None

    def setup(self) -> None:
        """What fails here is an error for pytest, not a failure."""
        if self.status == "could not check":
            pytest.fail(self.text, pytrace=False)

    def runtest(self) -> None:
        """The verdict."""
        if self.status == "does not fit":
            pytest.fail(self.text, pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The line of the class, from 0."""
        file, line = (Path(self.place.file), self.place.line) if self.place else (self.path, 1)
        return file, line - 1, f"artifact contract {self.name}"


class _Makes(Protocol):
    """pytest's way to make a node; its own annotations leave the arguments open."""

    def from_parent(
        self, parent: pytest.Collector, *, name: str, nodeid: str, path: Path
    ) -> ContractItem: ...


def _items(session: pytest.Session, report: "Report") -> Iterator[ContractItem]:
    """One item for each outcome, and one for each checker that could not be asked."""
    for outcome in report.outcomes:
        if outcome.status == "left out":
            continue
        name = f"{outcome.target} [{outcome.contract}]" if outcome.contract else outcome.target
        item = _item(ContractItem, session, name)
        item.status, item.text = outcome.status, _text(outcome, item.path)
        places = [outcome.place, *(finding.place for finding in outcome.findings)]
        item.place = next((place for place in places if place is not None), None)
        yield item
    for net in report.nets:
        if net.trouble:
            item = _item(ContractItem, session, net.name)
            item.status = "could not check"
            item.text = f"{net.name} could not be asked: {net.trouble}"
            yield item


def _item(form: _Makes, session: pytest.Session, name: str) -> ContractItem:
    nodeid = f"artifact-contract::{name}"
    item = form.from_parent(session, name=name, nodeid=nodeid, path=session.config.rootpath)
    item.add_marker(_MARK)
    item.extra_keyword_matches.add("artifact-contract")
    return item


def _targets(config: pytest.Config) -> list[str]:
    """Those of the command line; those of the ini file too unless single tests were asked for."""
    named: list[str] = config.option.artifact_contracts
    places = [Path(config.invocation_params.dir, text.split("::")[0]) for text in config.args]
    whole = not any("::" in text for text in config.args) and all(p.is_dir() for p in places)
    listed: list[str] = config.getini("artifact_contracts") if whole else []
    return [*dict.fromkeys([*named, *listed])]


def _answers(targets: Sequence[str], folder: Path, *, static: bool) -> list["Report"]:
    """One report for each contract that was named, and one for all other targets."""
    with warnings.catch_warnings():  # "error" would fail the imports of libraries that warn
        warnings.simplefilter("default")
        from artifact_torch.cli.check import answer
        from artifact_torch.cli.static.asking import default_cache
        from artifact_torch.cli.static.checkers import CHECKERS, installed
        from artifact_torch.cli.targets.question import Question, find_project

        names = installed() or tuple(CHECKERS)
        by_contract: dict[str, list[str]] = {}
        for text in targets:
            target, _, contract = text.partition("=")
            by_contract.setdefault(contract.strip(), []).append(target.strip())
        return [
            answer(
                Question(
                    targets=tuple(texts),
                    contract=contract,
                    checkers=names if static else (),
                    cache=default_cache(),
                    project=find_project(folder),
                )
            )
            for contract, texts in by_contract.items()
        ]


def _text(outcome: "Outcome", folder: Path) -> str:
    from artifact_torch.cli.reports.findings import Report
    from artifact_torch.cli.reports.text import as_text

    return as_text(Report(outcomes=(outcome,)), folder).rstrip()


def _remarks(report: "Report") -> Iterator[str]:
    for outcome in report.outcomes:
        if outcome.status == "left out":
            yield f"no contract checked for {outcome.target}: {outcome.why}"
