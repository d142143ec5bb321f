from artifact_torch.contracts import ResultKind
from artifact_torch.table_comparison.comparison import TABLES
from artifact_torch.table_comparison.known import CORE, CORE_NAMES, NAMES, find


def test_the_names_are_those_of_artifact_core() -> None:
    found = {kind: {each.name for each in enum} for kind, enum in CORE.enums().items()}
    assert found == CORE_NAMES


def test_all_of_them_are_registered_and_no_other() -> None:
    for kind in ResultKind:
        for name in CORE_NAMES[kind]:
            assert find(kind, name)
        for name in NAMES[kind]:
            assert TABLES.is_registered(kind, name)
        assert not TABLES.is_registered(kind, "PDFS")
