"""The learning rates of an optimizer's groups, by name."""

from collections.abc import Iterator, Mapping, Sequence

from torch import Tensor

from artifact_torch.internal.narrowing import is_mutable_mapping

Group = Mapping[str, object]


def rates_of(groups: Sequence[Group]) -> dict[str, float]:
    """Of each group that has one: `lr`, or by the name or number of the group. May sync."""
    return {name: float(rate) for name, rate, _ in _with_rate(groups)}


def set_rates(groups: Sequence[Group], rates: Mapping[str, float]) -> None:
    """By the same names; a rate that is a tensor stays that tensor."""
    for name, rate, group in _with_rate(groups):
        if name in rates and isinstance(rate, Tensor):
            rate.fill_(rates[name])
        elif name in rates and is_mutable_mapping(group):
            group["lr"] = rates[name]


def _with_rate(groups: Sequence[Group]) -> Iterator[tuple[str, float | Tensor, Group]]:
    for index, group in enumerate(groups):
        rate, name = group.get("lr"), group.get("name")
        if isinstance(rate, int | float | Tensor):
            number = name if isinstance(name, str) else f"group_{index}"
            yield "lr" if len(groups) == 1 else number, rate, group
