"""What routines and plans return, made data where it comes in: one rule for each kind."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import SupportsFloat, TypeAlias, TypeVar

import numpy as np
from typing_extensions import TypeIs

from artifact_torch.contracts import ArtifactResults, Failure, Result, ResultKind, ResultName
from artifact_torch.contracts.kinds import Array
from artifact_torch.errors import ValidationError
from artifact_torch.internal.arguments import is_array, shown, text
from artifact_torch.internal.extras import from_extra
from artifact_torch.internal.narrowing import is_collection, is_mapping
from artifact_torch.internal.pictures import Picture
from artifact_torch.routines.figures import PLOTS, leave_pyplot

Computed: TypeAlias = "Sequence[Result | Failure]"
"""Results as data: checked, scores as Python floats."""

OneT = TypeVar("OneT", bound=Result | Failure)


def _is_number(value: object) -> bool:
    if not isinstance(value, int):
        return isinstance(value, (float, np.integer, np.floating))
    try:
        float(value)
    except OverflowError:  # above 1.8e308
        return False
    return True


def is_real_array(value: object) -> TypeIs[Array]:
    """Whole numbers and truth values are taken for floating."""
    return is_array(value) and value.dtype.kind in "biuf"


def _is_figure(value: object) -> bool:
    if isinstance(value, Picture):
        return True
    with from_extra("tables", "a plot"):  # only where there is one: it takes tenths of a second
        from matplotlib.figure import Figure

    return isinstance(value, Figure)


_RULES: Mapping[str, tuple[Callable[[object], bool], str]] = MappingProxyType(
    {
        "score": (_is_number, "a number; return a float; of a tensor, its .item()"),
        "array": (
            is_real_array,
            "a numpy array of real numbers; return one; of a tensor, its .cpu().numpy()",
        ),
        "plot": (_is_figure, "a matplotlib Figure; return one; of an Axes, its .figure"),
    }
)
"""What a value of a kind has to be, and each value in a collection of that kind."""


def value_problems(result: Result) -> list[str]:
    """Why a value is no result of its kind, in words."""
    kind, _, is_collected = result.kind.value.partition("_")
    fits, expected = _RULES[kind]
    label = f'{result.kind.value} "{result.name}"'
    values: Mapping[object, object] = {"": result.value}
    if is_collected:
        if not is_mapping(result.value):
            what, _, _ = expected.partition(";")
            got = f"got {shown(result.value)}, expected a mapping of str to {what}"
            return [f"{label}: {got}; return a dict"]
        values = result.value
    problems: list[str] = []
    for key, value in values.items():
        at = f'{label}, key "{key}"' if is_collected else label
        if not isinstance(key, str):
            problems.append(f"{label}: got the key {shown(key)}, expected a str; name it in words")
        if not fits(value):
            problems.append(f"{at}: got {shown(value)}, expected {expected}")
    return problems


def checked(
    results: object,
    source: str,
    announced: Collection[ResultName],
    asked: Collection[ResultName],
    *,
    needs_all: bool = True,
) -> Computed:
    """What `source` returned, as data: a result or a failure for each name that was `asked` for,
    unless it need not have them all.

    Raises one `ValidationError` listing every value that is not of its kind, and every result
    that is not in `announced`.
    """
    try:
        found = [*_as_data(results)]
    except ValidationError as error:
        raise ValidationError(f"{source}: {error}") from None
    listed = {*announced}  # thousands of names may be announced
    problems = [problem for one in found for problem in _problems(one, listed)]
    counts = Counter((one.kind, one.name) for one in found)
    problems += [
        f'{kind.value} "{name}" is returned {count} times, expected once; name each apart'
        for (kind, name), count in counts.items()
        if count > 1
    ]
    if problems:
        raise ValidationError("\n".join(f"{source}: {problem}" for problem in problems))
    wanted = set(asked)
    return [
        *(_plain(one) for one in found if (one.kind, one.name) in wanted),
        *(
            Failure(kind, name, f"{source} was asked for it and did not return it")
            for kind, name in asked
            if needs_all and (kind, name) not in counts
        ),
    ]


def without_plots(results: Sequence[OneT]) -> Sequence[OneT]:
    """What is told to other processes of a run: they keep no pictures."""
    return [each for each in results if each.kind not in PLOTS]


def _as_data(results: object) -> Iterator[Result | Failure]:
    """Any of the forms that a routine may return. Raises `ValidationError` for anything else."""
    if isinstance(results, ArtifactResults):
        for kind in ResultKind:
            of_kind: object = getattr(results, f"{kind.value}s")
            yield from _named(kind, of_kind)
    elif is_mapping(results):
        yield from _named(ResultKind.SCORE, results)
    elif is_collection(results) and not isinstance(results, str):
        for each in results:
            if not isinstance(each, Result | Failure):
                raise _no_data(shown(each))
            if not _is_result_name((each.kind, each.name)):
                raise _no_data(f"{type(each).__name__}({each.kind!r}, {shown(each.name)}, ...)")
            yield each
    else:
        raise ValidationError(
            f"got {shown(results)}, expected ArtifactResults; return "
            "ArtifactResults(scores={...}), or {} when there is nothing"
        )


def _named(kind: ResultKind, of_kind: object) -> Iterator[Result]:
    if not is_mapping(of_kind):
        raise ValidationError(
            f"{kind.value}s: got {shown(of_kind)}, expected a mapping of str to results; return a "
            "dict"
        )
    for name, value in of_kind.items():
        if not isinstance(name, str):
            raise ValidationError(
                f"{kind.value}s: got the key {shown(name)}, expected a str; name it in words"
            )
        yield Result(kind, name, value)


def _no_data(got: str) -> ValidationError:
    return ValidationError(
        f"got {got} in a sequence, expected Result(kind, name, value) or "
        "Failure(kind, name, reason), whose kind is a ResultKind and whose name a str"
    )


def _problems(each: Result | Failure, announced: Collection[ResultName]) -> Iterator[str]:
    label = f'{each.kind.value} "{each.name}"'
    if (each.kind, each.name) not in announced:
        yield f"{label} came from a routine that does not list it; add it to the result_names there"
    if isinstance(each, Result):
        yield from value_problems(each)
    elif text("reason", each.reason):
        yield f"{label} failed: got {shown(each.reason)}, expected a str; tell the reason in words"


def _plain(each: Result | Failure) -> Result | Failure:
    """Scores as Python floats: some are numpy's, which a checkpoint or a tracker may not take.
    Plots are the run's, and pyplot's no more.
    """
    if isinstance(each, Result) and type(each.value) is float:
        return each
    match each:
        case Result(ResultKind.PLOT, value=figure):
            leave_pyplot(figure)
            return each
        case Result(ResultKind.PLOT_COLLECTION, value=figures) if is_mapping(figures):
            for figure in figures.values():
                leave_pyplot(figure)
            return each
        case Result(ResultKind.SCORE, value=SupportsFloat() as value):
            return replace(each, value=float(value))
        case Result(ResultKind.SCORE_COLLECTION, value=values) if is_mapping(values):
            numbers = ((k, v) for k, v in values.items() if isinstance(v, SupportsFloat))
            return replace(each, value={key: float(value) for key, value in numbers})
        case _:
            return each


def name_problems(names: object, what: str) -> list[str]:
    """What is wrong with the names that a routine or plan announces or asks for, in words."""
    advice = 'return a list such as [(ResultKind.SCORE, "loss")]'
    if not is_collection(names) or isinstance(names, str):
        return [f"{what}: got {shown(names)}, expected a list of (ResultKind, str); {advice}"]
    return [
        f"{what}: got the entry {shown(entry)}, expected (ResultKind, non-empty str); {advice}"
        for entry in names
        if not _is_result_name(entry)
    ]


def names_due(
    names: Collection[ResultName], source: str, announced: Sequence[ResultName]
) -> list[ResultName]:
    """What `source` says is due: each once, as `announced` has them.

    Raises `ValidationError` for an answer that is no such list.
    """
    if problems := name_problems(names, source):
        raise ValidationError("\n".join(problems))
    wanted = set(names)
    unknown = [f'{kind.value} "{name}"' for kind, name in sorted(wanted - {*announced}, key=str)]
    if unknown:
        raise ValidationError(
            f"{source}: got {', '.join(unknown)}, which result_names does not list; add it there"
        )
    return [name for name in announced if name in wanted]


def _is_result_name(entry: object) -> bool:
    match entry:
        case (ResultKind(), str(name)):
            return isinstance(entry, tuple) and name != ""
        case _:
            return False
