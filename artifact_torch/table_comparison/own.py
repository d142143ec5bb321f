"""The artifacts that are not artifact-core's: gaps, ceilings, and pictures that can be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from artifact_torch.contracts import ResultKind
from artifact_torch.table_comparison.associations import can_be_associated
from artifact_torch.table_comparison.ceilings import Score, ceilings
from artifact_torch.table_comparison.panels import Panel, panel
from artifact_torch.table_comparison.pictures import correlation_difference, distributions
from artifact_torch.table_comparison.present import present_associations, set_apart

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from artifact_torch.table_comparison.compared import Compared


def made(kind: ResultKind, name: str, compared: Compared, score: Score) -> object:
    """The value of one of `OWN_NAMES`."""
    makers: Mapping[tuple[ResultKind, str], Callable[[], object]] = {
        (ResultKind.PLOT, "DISTRIBUTIONS"): lambda: distributions(_panels(compared)),
        (ResultKind.PLOT, "CORRELATION_DIFFERENCE"): lambda: _correlations(compared),
        (ResultKind.PLOT_COLLECTION, "DISTRIBUTIONS"): lambda: {
            one.name: distributions([one]) for one in _panels(compared)
        },
        (ResultKind.SCORE_COLLECTION, "MISSING_DIFFERENCE"): lambda: {
            name: compared.generated.missing.get(name, 0.0) - compared.real.missing.get(name, 0.0)
            for name in compared.spec.features
        },
        (ResultKind.SCORE_COLLECTION, "UNKNOWN_DIFFERENCE"): lambda: {
            name: compared.generated.unknown.get(name, 0.0) - compared.real.unknown.get(name, 0.0)
            for name in compared.spec.cat_features
        },
        (ResultKind.SCORE_COLLECTION, "CEILINGS"): lambda: ceilings(compared.resources, score),
    }
    return makers[kind, name]()


def _panels(compared: Compared) -> list[Panel]:
    real, spec = compared.resources.df_real, compared.resources.spec
    return [
        panel(name, spec, compared.real, compared.generated, real[name]) for name in spec.features
    ]


def _correlations(compared: Compared) -> Figure:
    """Cramér's V, Pearson's correlation and the correlation ratio, as artifact-core's default is."""
    spec, gaps = compared.spec, compared.gaps
    nominal = [*spec.cat_features]

    def matrix(table: pd.DataFrame) -> pd.DataFrame:
        shown = table[[*spec.features]].astype(dict.fromkeys(nominal, str))
        if not can_be_associated(shown, nominal):
            raise ValueError(f"correlations need at least 2 rows, got {len(shown)}")
        return present_associations(
            shown, nominal, gaps.words, of_nominal="cramer", of_numeric="pearson"
        )

    real, generated = (
        compared.shared.once("CORRELATION_DIFFERENCE", matrix, one.table)
        for one in (compared.real, compared.generated)
    )
    moved = set_apart(real, generated, [gaps.apart.get(name, 0.0) for name in spec.features])
    names = [*spec.features]
    return correlation_difference(real.set_axis(names, axis=1), moved.set_axis(names, axis=1))
