"""What several artifacts of one comparison need, made once."""

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any, final

import pandas as pd

from artifact_torch.table_comparison.contracts import Kept
from artifact_torch.table_comparison.seen import Gaps


@final
class Shared:
    """What was made of two tables: tables of one of them stay with `of_real` or `of_generated`,
    for the next comparison with it; figures and numbers are this comparison's.
    """

    def __init__(
        self,
        real: pd.DataFrame,
        generated: pd.DataFrame,
        *,
        of_real: Kept,
        of_generated: Kept,
        gaps: Gaps,
    ) -> None:
        self.gaps = gaps
        self._rest = Kept()
        self._homes: dict[int, Kept] = {}
        for table, kept in ((real, of_real), (generated, of_generated)):
            self._homes[id(table)] = kept
            self._homes |= {id(made): kept for _, made in kept.made.values()}

    def once(self, what: Hashable, make: Callable[..., Any], *tables: pd.DataFrame) -> Any:
        """What `make(*tables)` returned when `what` of them was first asked for.

        Any: it is for functions of artifact-core, which are private and have no stubs.
        """
        key = (what, *map(id, tables))
        home = self._homes.get(id(tables[0]), self._rest)
        for kept in (home, self._rest):
            if key in kept.made:
                return kept.made[key][1]
        made = make(*tables)
        if len(tables) == 1 and isinstance(made, pd.DataFrame):
            self._homes[id(made)] = home
        else:
            home = self._rest
        home.made[key] = (tables, made)
        return made


at_work: ContextVar[Shared | None] = ContextVar("artifact_torch.table_comparison", default=None)
"""That of the comparison in progress; None outside of one, and in other threads."""
