"""How often: `every=3` means epochs, `every=steps(500)` and `every=minutes(10)` say otherwise."""

from artifact_torch.contracts.moment import Cadence
from artifact_torch.internal.arguments import integer, number, refuse


def steps(n: int, /) -> Cadence:
    """Every `n` optimizer updates. Raises `ConfigurationError` for a number below 1."""
    refuse(integer("steps: n", n, least=1))
    return Cadence("steps", n)


def minutes(n: float, /) -> Cadence:
    """Every `n` minutes of training, at the first update after. Raises `ConfigurationError`."""
    problems = number("minutes: n", n, least=0)
    if not problems and n == 0:
        problems.append("minutes: n must be above 0, got 0")
    refuse(problems)
    return Cadence("minutes", n)


def cadence_problems(name: str, every: object, *, or_none: bool = False) -> list[str]:
    """What is wrong with a cadence, in words; with `or_none`, None means only at the end."""
    if every is None and or_none:
        return []
    if isinstance(every, Cadence):
        return []
    forms = "a whole number means epochs, else steps(n) or minutes(n)"
    forms += ", None only at the end" if or_none else ""
    return [f"{each}; {forms}" for each in integer(name, every, least=1)]
