"""A small language model: padded batches, bfloat16, an update for every two batches."""

from functools import partial
from typing import TypedDict

import torch
from torch import Tensor, nn

import artifact_torch as at


class Text(TypedDict):
    letters: Tensor  # [batch, length]
    target: Tensor  # [batch, length], the letters that come next; 0 is padding


class Guessed(TypedDict):
    loss: Tensor  # []
    logits: Tensor  # [batch, length, 128]


class LanguageModel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(128, 32)
        self.memory = nn.GRU(32, 64, batch_first=True)
        self.head = nn.Linear(64, 128)

    def forward(self, text: Text) -> Guessed:
        hidden, _ = self.memory(self.embedding(text["letters"]))
        logits: Tensor = self.head(hidden)
        loss = nn.functional.cross_entropy(logits.mT, text["target"], ignore_index=0)
        return Guessed(loss=loss, logits=logits)


def padded(texts: list[str]) -> Text:
    codes = [torch.tensor([*text.encode()]) for text in texts]
    letters = nn.utils.rnn.pad_sequence(codes, batch_first=True)
    return Text(letters=letters[:, :-1], target=letters[:, 1:])


at.seed_everything(0)
words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
texts = [f"{a} thousand {b} hundred and {c}\n" for a in words for b in words for c in words]
train, unseen = (at.collated(half, padded) for half in (texts[::2], texts[1::2]))
validation = at.DataLoader(unseen, batch_size=100)
perplexity = at.Perplexity("perplexity", ignore_index=0)
adam = partial(torch.optim.AdamW, lr=0.01)
result = at.Trainer(
    at.OptimizerStep(LanguageModel(), optimizer=adam, autocast=torch.bfloat16, accumulate=2),
    train_loader=at.DataLoader(train, batch_size=32, shuffle=True),
    stop=[at.EpochBoundStopper(max_n_epochs=12)],
    routines=[at.DataLoaderRoutine(validation, scores=[perplexity], every=at.steps(25))],
).train()
print(f"perplexity {result.epoch_scores['perplexity'].iloc[-1]:.1f}")
