"""One pass over a loader by several processes, each over its own rows."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from typing import Generic, Never, TypeAlias, final

import torch

from artifact_torch.contracts import InT, LoaderCallback, Result, ResultKind, TakesPart, Watching
from artifact_torch.contracts.io import SeenIn_contra, SeenOut_contra
from artifact_torch.data import to_device
from artifact_torch.errors import blame
from artifact_torch.internal.agreement import Raised, agreed, by_first, raised_here
from artifact_torch.internal.merging import Keeps, as_merged
from artifact_torch.internal.ranks import gathered
from artifact_torch.routines.results import without_plots

Asked: TypeAlias = tuple[ResultKind, LoaderCallback[SeenIn_contra, SeenOut_contra, object]]


def shared_pass(
    asked: Sequence[Asked[InT, SeenOut_contra]],
    batches: Iterable[InT],
    evaluate: Callable[[InT], SeenOut_contra],
    part: TakesPart[InT] | None,
    device: torch.device,
) -> Sequence[Result]:
    """What the callbacks come to over the rows of all ranks, of which `batches` has this one's; a plot
    on the first alone.

    One collective at the end, and one for the results. A callback that raises on one rank does so on
    all, after the pass: the others are in the middle of it, and a sharded model needs every rank.
    """
    seeing = [_Seeing(kind, callback) for kind, callback in asked]
    with ExitStack() as hooks:
        for each in seeing:
            each.watch(hooks)
        for loaded in batches:
            batch = to_device(loaded, device)
            if part is not None and part.is_spare:
                with ExitStack() as spare:
                    for each in seeing:
                        spare.enter_context(each.unseen())
                    evaluate(batch)
                continue
            output = evaluate(batch)
            for each in seeing:
                each.see(batch, output)
            del output  # its memory is free for the next one
    of_ranks = gathered([each.seen() for each in seeing])
    for each, seen in zip(seeing, zip(*of_ranks, strict=True), strict=True):
        each.merge(seen)
    return by_first(lambda: [each.finished() for each in seeing], tell=without_plots)


@final
class _Seeing(Generic[SeenIn_contra, SeenOut_contra]):
    """A callback in a pass; what it raises is kept until all ranks know."""

    def __init__(
        self, kind: ResultKind, callback: LoaderCallback[SeenIn_contra, SeenOut_contra, object]
    ) -> None:
        self._kind = kind
        self._callback = callback
        self._error: Exception | None = None
        self._try("start", callback.start)

    def watch(self, hooks: ExitStack) -> None:
        """Until `hooks` close."""
        if isinstance(watching := self._callback, Watching):
            self._try("watching", lambda: hooks.enter_context(watching.watching()))

    @contextmanager
    def unseen(self) -> Generator[None]:
        """A batch of which this process has no row: what its hooks see there is not kept."""
        if isinstance(keeping := self._callback, Keeps):
            keeping.sees_no_row()
        merged = as_merged(self._callback) if isinstance(self._callback, Watching) else None
        if merged is None:
            yield
            return
        before = merged.seen()
        yield
        merged.merge([before])

    def see(self, batch: SeenIn_contra, output: SeenOut_contra) -> None:
        self._try("update", lambda: self._callback.update(batch, output))

    def seen(self) -> object:
        """For all ranks."""
        found: list[object] = []
        if (merged := as_merged(self._callback)) is not None:
            self._try("seen", lambda: found.append(merged.seen()))
        return found[0] if self._error is None else raised_here(self._error)

    def merge(self, seen: Sequence[object]) -> None:
        """Raises on all ranks where the callback raised on one."""
        if self._error is not None:
            raise agreed(self._error)
        for each in seen:
            if isinstance(each, Raised):
                raise agreed(each.as_error())
        if (merged := as_merged(self._callback)) is not None:
            with named(self._callback, "merge", self._kind):
                merged.merge(seen)

    def finished(self) -> Result:
        with named(self._callback, "finish", self._kind):
            return Result(self._kind, self._callback.name, self._callback.finish())

    def _try(self, method: str, call: Callable[[], object]) -> None:
        if self._error is not None:
            return
        try:
            with named(self._callback, method, self._kind):
                call()
        except Exception as error:  # noqa: BLE001  it is raised on all ranks
            self._error = error


@contextmanager
def named(
    callback: LoaderCallback[Never, Never, object], method: str, kind: ResultKind
) -> Generator[None]:
    """What it raises says whose it is: several may be of one class."""
    try:
        yield
    except Exception as error:
        blame(error, (kind, callback.name))
        error.add_note(f'in {type(callback).__name__}.{method} of "{callback.name}"')
        raise
