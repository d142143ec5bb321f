"""How surprised a language model is by the tokens of a pass."""

from collections.abc import Callable, Sequence
from typing import Final, Generic, final, overload

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from artifact_torch.callbacks.scores.classification import require_known
from artifact_torch.callbacks.scores.reading import (
    HasLogits,
    HasTarget,
    Pairs,
    Reading,
    Reads,
    logits_and_target,
)
from artifact_torch.callbacks.sums import Sums, described, ratio
from artifact_torch.checking.places import Place
from artifact_torch.contracts.io import SeenIn_contra, SeenOut_contra


@final
class Perplexity(Generic[SeenIn_contra, SeenOut_contra]):
    """The exponential of the mean negative log-likelihood of a token; every token counts once.

    Reads `logits` `[..., tokens, vocabulary]` of the output and `target` `[..., tokens]` of the
    batch, or what `of` gives. Tokens of the number `ignore_index` do not count, as in torch's
    `cross_entropy`, nor those for which a third tensor of `of` is False; padding of another number
    counts unless it is said. NaN where no token counts or a logit of one that does is NaN. Raises `ValidationError` for shapes and types that do not
    fit, at the end of the pass for tokens outside the vocabulary.
    """

    higher_is_better: Final = False

    @overload
    def __init__(
        self: "Perplexity[HasTarget, HasLogits]", name: str, *, ignore_index: int = -100
    ) -> None: ...
    @overload
    def __init__(
        self,
        name: str,
        *,
        of: Callable[[SeenIn_contra, SeenOut_contra], Pairs],
        ignore_index: int = -100,
    ) -> None: ...
    def __init__(
        self,
        name: str,
        *,
        of: Callable[..., Pairs] = logits_and_target,
        ignore_index: int = -100,
    ) -> None:
        self.name: Final = name
        self._reading = Reading("Perplexity", name, of)
        self._ignore_index = ignore_index
        self.start()

    @property
    def contract_places(self) -> Sequence[Place]:
        return self._reading.places(Reads[SeenIn_contra, SeenOut_contra, object])

    def start(self) -> None:
        self._sums = Sums()
        self._vocabulary = 0

    def update(self, batch: SeenIn_contra, output: SeenOut_contra, /) -> None:
        read = self._reading.pairs(batch, output)
        logits, target = read.prediction, read.target
        self._require_shapes(logits, target)
        where = read.where & (target != self._ignore_index)
        self._vocabulary = logits.shape[-1]
        known = target.long().clamp(0, self._vocabulary - 1)
        # an accelerator ends its whole process for a token that is not in the vocabulary
        unknown = (known != target) & where
        # float64 would hold the logits, the largest tensor there is, twice as large once more
        precise = logits if logits.dtype is torch.float64 else logits.float()
        surprise = cross_entropy(
            precise.reshape(-1, self._vocabulary), known.reshape(-1), reduction="none"
        )
        self._sums.add(surprise.where(where.reshape(-1), 0), where, unknown)

    def seen(self) -> tuple[Tensor | None, int]:
        """Surprise, tokens and unknown ones; of which vocabulary. Syncs."""
        return self._sums.seen(), self._vocabulary

    def merge(self, seen: Sequence[tuple[Tensor | None, int]], /) -> None:
        self._sums.merge([sums for sums, _ in seen])
        self._vocabulary = max(vocabulary for _, vocabulary in seen)

    def finish(self) -> float:
        """Infinite where a token that came had no probability. Syncs."""
        surprise, n, n_unknown = self._sums.read(3)
        require_known(self._reading, n_unknown, self._vocabulary)
        return torch.tensor(ratio(surprise, n), dtype=torch.float64).exp().item()

    def _require_shapes(self, logits: Tensor, target: Tensor) -> None:
        integers = not (target.is_floating_point() or target.is_complex())
        if not (
            logits.is_floating_point() and integers and logits.shape[:-1] == target.shape != ()
        ):
            raise self._reading.wrong(
                f"got logits {described(logits)} and target {described(target)}, expected floating "
                "logits [..., tokens, vocabulary] and integers [..., tokens]; movedim(1, -1) puts "
                "the vocabulary last"
            )
