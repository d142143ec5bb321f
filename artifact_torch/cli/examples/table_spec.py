"""The columns of a table with one number and one category."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PeopleSpec:
    features: Sequence[str] = ("age", "city")
    n_features: int = 2
    cts_features: Sequence[str] = ("age",)
    n_cts_features: int = 1
    cat_features: Sequence[str] = ("city",)
    n_cat_features: int = 1

    @property
    def cts_dtypes(self) -> Mapping[str, type[object]]:
        return {"age": float}

    @property
    def cat_dtypes(self) -> Mapping[str, type[object]]:
        return {"city": str}

    @property
    def cat_unique_map(self) -> Mapping[str, Sequence[str]]:
        return {"city": ("north", "south")}

    @property
    def cat_unique_count_map(self) -> Mapping[str, int]:
        return {"city": 2}


@dataclass(frozen=True)
class WrongPeopleSpec:
    features: Sequence[int] = (0, 1)
    n_features: int = 2
    cts_features: Sequence[str] = ("age",)
    n_cts_features: int = 1
    cat_features: Sequence[str] = ("city",)
    n_cat_features: int = 1

    @property
    def cts_dtypes(self) -> Mapping[str, type[object]]:
        return {"age": float}

    @property
    def cat_dtypes(self) -> Mapping[str, type[object]]:
        return {"city": str}

    def cat_unique_map(self) -> Mapping[str, Sequence[str]]:
        return {"city": ("north", "south")}
