"""The epoch with the highest value so far is the best."""


class Highest:
    def __init__(self) -> None:
        self.best: float = float("-inf")

    def is_best(self, criterion: float) -> bool:
        is_best = criterion > self.best
        self.best = max(criterion, self.best)
        return is_best


class WrongHighest:
    def __init__(self) -> None:
        self.best: float = float("-inf")

    def is_best(self, criterion: float, epoch: int) -> int | None:
        if criterion <= self.best:
            return None
        self.best = criterion
        return epoch
