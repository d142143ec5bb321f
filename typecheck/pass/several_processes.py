"""A step of several processes, and what a step of one's own has to have."""

from collections.abc import Iterator

import torch
from artifact_torch import EpochBoundStopper, OptimizerStep, Parallel, Trainer, averaged, ema
from artifact_torch.contracts import BatchSource, Share, SharedSource, Sharing, TakesPart
from torch import nn
from torch.distributed.fsdp import fully_shard
from typecheck.common import VAE, CodesLoader, VAEInput, VAEOutput, adam
from typing_extensions import assert_type

assert_type(OptimizerStep(VAE(), optimizer=adam, parallel="ddp"), OptimizerStep[VAEInput, VAEOutput])  # OK
step = OptimizerStep(VAE(), optimizer=adam, parallel="fsdp")
OptimizerStep(VAE(), optimizer=adam, parallel=None)  # OK
OptimizerStep(VAE(), optimizer=adam, parallel=Parallel(by="ddp", unused=True, timeout_s=60))  # OK
OptimizerStep(VAE(), optimizer=adam, parallel=Parallel(by="fsdp", blocks=[nn.Linear, nn.TransformerEncoderLayer]))  # OK
Parallel(by="fsdp", compute=torch.bfloat16, reduce=torch.float32, holds_gradients=False)  # OK


def is_large(part: nn.Module) -> bool:
    return sum(p.numel() for p in part.parameters()) > 10**8


Parallel(by="fsdp", blocks=is_large)  # OK
Parallel(by="fsdp", blocks=lambda part: isinstance(part, nn.TransformerEncoderLayer))  # OK

sharing: Sharing[VAEInput] = step  # OK
of_average: Sharing[VAEInput] = averaged(step, ema(0.9))  # OK
part: TakesPart[VAEInput] | None = step.part  # OK
if part is not None:
    assert_type(part(VAEInput(codes=torch.zeros(4, 2))), VAEInput)  # OK
    assert_type(part.given(Share(batch=VAEInput(codes=torch.zeros(4, 2)), n_rows=4, n_of_all=8, of=("mine", 1))), VAEInput)  # OK
    assert_type(part.is_spare, bool)  # OK

model = VAE()
fully_shard(model)
ready = OptimizerStep(model, optimizer=adam)  # OK
assert_type(Trainer(ready, train_loader=CodesLoader(), stop=[EpochBoundStopper(max_n_epochs=1)]), Trainer[VAEInput, VAEOutput])  # OK


class FirstHalf:
    is_spare: bool = False

    def __call__(self, batch: VAEInput, /) -> VAEInput:
        return VAEInput(codes=batch["codes"][: len(batch["codes"]) // 2])

    def given(self, share: Share[VAEInput], /) -> VAEInput:
        return share.batch


takes: TakesPart[VAEInput] = FirstHalf()  # OK


class Shares:
    @property
    def part(self) -> FirstHalf:
        return FirstHalf()


own: Sharing[VAEInput] = Shares()  # OK


class OneFileEach:
    """A source of one's own, of which each process reads its own file."""

    def batches(self, epoch: int, /) -> Iterator[VAEInput]:
        return iter(())

    def shares_from(self, epoch: int, n_done: int, rank: int, size: int, /) -> Iterator[Share[VAEInput]] | None:
        if size != 2:
            return None
        return iter([Share(batch=VAEInput(codes=torch.zeros(4, 2)), n_rows=4, n_of_all=8, of=(epoch, n_done))])

    def __len__(self) -> int:
        return 1


alone: BatchSource[VAEInput] = OneFileEach()  # OK
shared: SharedSource[VAEInput] = OneFileEach()  # OK
