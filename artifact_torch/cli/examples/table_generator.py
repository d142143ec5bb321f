"""Whatever makes tables: here columns of normal noise."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True)
class SamplingParams:
    n_records: int


class Noise:
    def __init__(self, columns: list[str], *, seed: int = 0) -> None:
        self.columns = columns
        self.generator: np.random.Generator = np.random.default_rng(seed)

    def generate(self, params: SamplingParams) -> pd.DataFrame:
        shape = (params.n_records, len(self.columns))
        return pd.DataFrame(self.generator.normal(size=shape), columns=self.columns)


class WrongNoise:
    def generate(self, n_records: int, seed: int) -> list[float]:
        return list(np.random.default_rng(seed).normal(size=n_records))
