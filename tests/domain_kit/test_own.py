import pickle
import sys
from typing import Any

import pytest
from artifact_core.spi.resources import NO_RESOURCE_SPEC

from artifact_torch.contracts import Moment, Result, ResultKind
from artifact_torch.domain_kit import DomainPlan, OwnArtifacts, own_domain
from artifact_torch.domain_kit.splits import PlannedSplits
from artifact_torch.errors import ConfigurationError
from tests.domain_kit.reading import reasons, values

SCORE = ResultKind.SCORE


def length(words: list[str]) -> float:
    return float(len(words))


def first(words: list[str]) -> float:
    return float(words[0])


WORDS = own_domain(list[str], OwnArtifacts(scores={"LENGTH": length, "FIRST": first}))


def test_one_that_raises_costs_nothing_else() -> None:
    plan = DomainPlan(WORDS, scores=["FIRST", "LENGTH"])
    found = plan.execute(["a"], plan.result_names)
    assert values(found) == {"LENGTH": 1.0}
    assert reasons(found) == {"FIRST": "ValueError: could not convert string to float: 'a'"}


def test_they_are_in_artifact_cores_registry() -> None:
    registry: Any = WORDS.registry(SCORE)
    artifact = registry.get(artifact_type="LENGTH", resource_spec=NO_RESOURCE_SPEC)
    assert artifact.compute(resources=["a", "b"]) == 2.0


def test_one_that_is_added_is_computed_and_stays_in_its_process() -> None:
    domain = own_domain(list[str], OwnArtifacts(scores={"LENGTH": length}))
    domain.register(SCORE, "TWICE", lambda words: 2.0 * len(words))
    plan = DomainPlan(domain, scores=["LENGTH", "TWICE"])
    assert values(plan.execute(["a"], plan.result_names)) == {"LENGTH": 1.0, "TWICE": 2.0}
    assert plan.stays == "'TWICE' are registered with artifact-core in this process alone"
    assert DomainPlan(domain, scores=["LENGTH"]).stays == ""
    for taken in ("LENGTH", "TWICE"):
        with pytest.raises(ConfigurationError, match=f"the score '{taken}' is registered already"):
            domain.register(SCORE, taken, length)
    assert not WORDS.is_registered(SCORE, "TWICE")


def test_what_a_plan_may_not_list() -> None:
    with pytest.raises(ConfigurationError) as refused:
        DomainPlan(WORDS, scores=["LENGHT"], plots=["ANY"])
    score, plot = str(refused.value).splitlines()
    assert score == (
        "plan: scores: 'LENGHT' is not a registered score, expected FIRST or LENGTH; did you "
        "mean LENGTH? else to add it, "
        "domain.register(ResultKind.SCORE, 'LENGHT', function) before the plan is made"
    )
    assert plot == (
        "plan: plots: 'ANY' is not a registered plot, expected none, the domain has none; to add "
        "it, domain.register(ResultKind.PLOT, 'ANY', function) before the plan is made"
    )
    with pytest.raises(
        ConfigurationError, match="'LENGTH' is not a registered array; it belongs in scores$"
    ):
        DomainPlan(WORDS, arrays=["LENGTH"])
    with pytest.raises(ConfigurationError, match="it is empty"):
        DomainPlan(WORDS)


def test_a_misspelt_name_is_refused_where_artifact_core_is_not_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in ("spi.orchestration", "spi.resources", "spi.artifact"):
        monkeypatch.setitem(sys.modules, f"artifact_core.{module}", None)
    domain = own_domain(list[str], OwnArtifacts(scores={"LENGTH": length}))
    with pytest.raises(ConfigurationError, match="'LENGHT' is not a registered score"):
        DomainPlan(domain, scores=["LENGHT"])
    plan = DomainPlan(domain, scores=["LENGTH"])
    assert values(plan.execute(["a"], plan.result_names)) == {"LENGTH": 1.0}


def test_a_split_of_another_name_is_refused() -> None:
    plan = DomainPlan(WORDS, scores=["LENGTH"])
    with pytest.raises(ConfigurationError) as refused:
        PlannedSplits(plan, {"dev": None, "test": None})
    assert str(refused.value) == (
        "split 'dev': expected one of ['train', 'validation', 'test'], by which the results are named"
    )


def test_a_plan_travels_to_another_process() -> None:
    plan = DomainPlan(WORDS, scores=["LENGTH"], scores_every=3)
    twin: DomainPlan[list[str]] = pickle.loads(pickle.dumps(plan))  # noqa: S301  (our own)
    assert twin.execute(["a"], twin.result_names) == [Result(SCORE, "LENGTH", 1.0)]
    assert list(twin.cadences) == list(plan.cadences)
    assert list(twin.due(Moment(epoch=3, step=1))) == [(SCORE, "LENGTH")]
    assert list(twin.due(Moment(epoch=2, step=1))) == []
