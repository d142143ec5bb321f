"""The options of a step on several processes: precision, compilation, noise, batch norms."""

from collections.abc import Mapping
from functools import partial
from typing import TypedDict

import torch
from torch import Tensor

from artifact_torch import Compile, OptimizerStep, Parallel
from artifact_torch.internal.ranks import ranks
from tests.ranks.kit import in_ranks
from tests.ranks.test_training import Block, Net, batches, whole


class Options(TypedDict, total=False):
    autocast: torch.dtype
    compile: Compile


PLANS: Mapping[str, Parallel] = {
    "ddp": Parallel(by="ddp"),
    "fsdp": Parallel(by="fsdp", blocks=[Block]),
    "fsdp of bfloat16": Parallel(
        by="fsdp", blocks=[Block], compute=torch.bfloat16, reduce=torch.float32
    ),
}


def trained(plan: Parallel | None, options: Options) -> dict[str, Tensor]:
    torch.default_generator.manual_seed(0)
    step = OptimizerStep(
        Net(), optimizer=partial(torch.optim.SGD, lr=0.02), device="cpu", parallel=plan, **options
    )
    for batch in [*batches(), *batches()]:
        output = step.update(batch if step.part is None else step.part(batch))
        assert output["loss"].dtype is torch.float32
        step.evaluate(batch)
    step.end_epoch()
    return {name: whole(each) for name, each in step.model.state_dict().items()}


OPTIONS: Mapping[str, Options] = {
    "plain": {},
    "bfloat16": {"autocast": torch.bfloat16},
    "float16": {"autocast": torch.float16},
    "compiled": {"compile": Compile(of="step", backend="aot_eager")},
}


def with_options() -> dict[str, dict[str, Tensor]]:
    if ranks().is_alone:
        return {name: trained(None, options) for name, options in OPTIONS.items()}
    return {
        f"{name}, {plan}": trained(PLANS[plan], options)
        for name, options in OPTIONS.items()
        for plan in PLANS
        if plan != "fsdp of bfloat16" or name in {"plain", "bfloat16"}
    }


def test_precision_and_compilation() -> None:
    (alone,) = in_ranks(1, with_options)
    first, second = in_ranks(2, with_options)
    for name, weights in first.items():
        option = name.partition(", ")[0]
        is_exact = "bfloat16" not in name
        for key, weight in weights.items():
            assert torch.equal(weight, second[name][key]), name
            if option == "float16":  # half the rows overflow at another scale than all of them
                assert weight.isfinite().all()
                continue
            torch.testing.assert_close(
                weight, alone[option][key], rtol=0, atol=1e-6 if is_exact else 0.02, msg=name + key
            )
