"""What routines and plans produce: looked at where it comes in, and joined into one."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar, final

import numpy as np

from artifact_torch.contracts import ArtifactResults, ResultKind, ResultName
from artifact_torch.errors import ValidationError
from artifact_torch.internal.arguments import is_array, shown
from artifact_torch.internal.extras import from_extra
from artifact_torch.internal.narrowing import is_collection, is_mapping

ValueT = TypeVar("ValueT")


def checked(results: object, source: str, announced: Sequence[ResultName]) -> ArtifactResults:
    """`results` with Python floats for scores. `source` names what returned them.

    Raises one `ValidationError` listing every value that is not of its kind, and every result
    that is not in `announced`.
    """
    if not isinstance(results, ArtifactResults):
        raise ValidationError(
            f"{source}: got {shown(results)}, expected ArtifactResults; return "
            "ArtifactResults(scores={...}), or ArtifactResults() when there is nothing"
        )
    problems = list(_problems(results, announced))
    if problems:
        raise ValidationError("\n".join(f"{source}: {problem}" for problem in problems))
    return replace(
        results,
        scores=_floats(results.scores),
        score_collections={name: _floats(of) for name, of in results.score_collections.items()},
    )


def name_problems(names: object, what: str) -> list[str]:
    """What is wrong with the `result_names` of a routine or plan, in words."""
    advice = 'return a list such as [(ResultKind.SCORE, "loss")]'
    if not is_collection(names) or isinstance(names, str):
        return [f"{what}: got {shown(names)}, expected a sequence of (ResultKind, str); {advice}"]
    return [
        f"{what}: got the entry {shown(entry)}, expected (ResultKind, non-empty str); {advice}"
        for entry in names
        if not _is_result_name(entry)
    ]


def names_of(results: ArtifactResults) -> set[ResultName]:
    """What is there, by kind and name."""
    return {(kind, name) for kind, of_kind in _by_kind(results).items() for name in of_kind}


def without(results: ArtifactResults, names: Collection[ResultName]) -> ArtifactResults:
    """The results of all other names."""

    def kept(kind: ResultKind, of_kind: Mapping[str, ValueT]) -> dict[str, ValueT]:
        return {name: value for name, value in of_kind.items() if (kind, name) not in names}

    return replace(
        results,
        scores=kept(ResultKind.SCORE, results.scores),
        arrays=kept(ResultKind.ARRAY, results.arrays),
        plots=kept(ResultKind.PLOT, results.plots),
        score_collections=kept(ResultKind.SCORE_COLLECTION, results.score_collections),
        array_collections=kept(ResultKind.ARRAY_COLLECTION, results.array_collections),
        plot_collections=kept(ResultKind.PLOT_COLLECTION, results.plot_collections),
    )


def merged(parts: Sequence[ArtifactResults]) -> ArtifactResults:
    """All results of `parts`, whose names are distinct; failures of one name are joined."""
    return ArtifactResults(
        scores=_joined(part.scores for part in parts),
        arrays=_joined(part.arrays for part in parts),
        plots=_joined(part.plots for part in parts),
        score_collections=_joined(part.score_collections for part in parts),
        array_collections=_joined(part.array_collections for part in parts),
        plot_collections=_joined(part.plot_collections for part in parts),
        failures={
            name: "; ".join(part.failures[name] for part in parts if name in part.failures)
            for name in _joined(part.failures for part in parts)
        },
    )


@final
@dataclass(frozen=True)
class _Rule:
    """What one value has to be: of a kind itself, or in a collection of it."""

    fits: Callable[[object], bool]
    expected: str
    advice: str

    def problems(self, label: str, value: object) -> list[str]:
        if self.fits(value):
            return []
        return [f"{label}: got {shown(value)}, expected {self.expected}; {self.advice}"]


def _is_number(value: object) -> bool:
    if not isinstance(value, int):
        return isinstance(value, (float, np.integer, np.floating))
    try:
        float(value)
    except OverflowError:  # above 1.8e308
        return False
    return True


def _is_array(value: object) -> bool:
    return is_array(value) and value.dtype.kind in "biuf"


def _is_figure(value: object) -> bool:
    with from_extra("tables", "a plot"):  # only where there is one: it takes tenths of a second
        from matplotlib.figure import Figure

    return isinstance(value, Figure)


def _is_result_name(entry: object) -> bool:
    match entry:
        case (ResultKind(), str(name)):
            return isinstance(entry, tuple) and name != ""
        case _:
            return False


_SCORE = _Rule(_is_number, "a number", "return a float; of a tensor, its .item()")
_ARRAY = _Rule(
    _is_array, "a numpy array of real numbers", "return one; of a tensor, its .cpu().numpy()"
)
_PLOT = _Rule(_is_figure, "a matplotlib Figure", "return one; of an Axes, its .figure")
_REASON = _Rule(lambda value: isinstance(value, str), "a str", "return the reason in words")
_SINGLE = {ResultKind.SCORE: _SCORE, ResultKind.ARRAY: _ARRAY, ResultKind.PLOT: _PLOT}
_COLLECTED = {
    ResultKind.SCORE_COLLECTION: _SCORE,
    ResultKind.ARRAY_COLLECTION: _ARRAY,
    ResultKind.PLOT_COLLECTION: _PLOT,
}


def _by_kind(results: ArtifactResults) -> dict[ResultKind, Mapping[str, object]]:
    return {
        ResultKind.SCORE: results.scores,
        ResultKind.ARRAY: results.arrays,
        ResultKind.PLOT: results.plots,
        ResultKind.SCORE_COLLECTION: results.score_collections,
        ResultKind.ARRAY_COLLECTION: results.array_collections,
        ResultKind.PLOT_COLLECTION: results.plot_collections,
    }


def _problems(results: ArtifactResults, announced: Sequence[ResultName]) -> Iterator[str]:
    for kind, of_kind in _by_kind(results).items():
        each = partial(_result_problems, announced, kind)
        yield from _mapping_problems(f"{kind.value}s", of_kind, "results", each)
    yield from _mapping_problems(
        "failures", results.failures, "reasons", lambda n, v: _REASON.problems(f'failure "{n}"', v)
    )


def _result_problems(
    announced: Sequence[ResultName], kind: ResultKind, name: str, value: object
) -> Iterator[str]:
    if (kind, name) not in announced:
        label = f'{kind.value} "{name}"'
        yield f"{label} came from a routine that does not list it; add it to the result_names there"
    yield from value_problems(kind, name, value)


def value_problems(kind: ResultKind, name: str, value: object) -> Iterator[str]:
    """Why one value is no result of its kind, in words."""
    label = f'{kind.value} "{name}"'
    if kind in _SINGLE:
        yield from _SINGLE[kind].problems(label, value)
    else:
        rule = _COLLECTED[kind]
        yield from _mapping_problems(
            label, value, rule.expected, lambda key, v: rule.problems(f'{label}, key "{key}"', v)
        )


def _mapping_problems(
    label: str, value: object, of: str, each: Callable[[str, object], Iterable[str]]
) -> Iterator[str]:
    if not is_mapping(value):
        yield f"{label}: got {shown(value)}, expected a mapping of str to {of}; return a dict"
        return
    for key, item in value.items():
        if isinstance(key, str):
            yield from each(key, item)
        else:
            yield f"{label}: got the key {shown(key)}, expected a str; name it in words"


def _floats(scores: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in scores.items()}


def _joined(mappings: Iterable[Mapping[str, ValueT]]) -> dict[str, ValueT]:
    return {name: value for mapping in mappings for name, value in mapping.items()}
