"""A step as it is written, with its model compiled, and compiled as a whole: seconds, as a ratio.

All ways train in one process, in turn, on the same model, batches and seed, on an accelerator where
there is one; medians over the rounds. Run: `python benchmarks/compiling.py`, which compiles for a
minute or two.
"""

import statistics
import time
from collections.abc import Mapping
from functools import partial
from typing import TypedDict

import torch
from torch import Tensor, nn

from artifact_torch import Compile, OptimizerStep
from artifact_torch.data import resolve_device
from artifact_torch.stepping.compiling.options import Compiling

N_ROUNDS, N_BATCHES = 7, 20
FUSED = partial(torch.optim.Adam, lr=1e-3, fused=True)
PLAIN = partial(torch.optim.Adam, lr=1e-3)
WAYS: Mapping[str, tuple[Compiling | None, partial[torch.optim.Adam]]] = {
    "as written": (None, PLAIN),
    "model": ("model", PLAIN),
    "step": ("step", PLAIN),
    "as written, fused": (None, FUSED),
    "model, fused": ("model", FUSED),
    "step, fused": ("step", FUSED),
    "cudagraphs, fused": (Compile(of="step", backend="cudagraphs"), FUSED),
}


class Rows(TypedDict):
    x: Tensor  # [batch, width]


class Out(TypedDict):
    loss: Tensor  # []


class Layers(nn.Module):
    """Linear layers with an activation of many small operations, which a compiler can join."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        torch.default_generator.manual_seed(0)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))

    def forward(self, rows: Rows) -> Out:
        """The mean square of what the last layer gives."""
        x = rows["x"]
        for layer in self.layers:
            hidden: Tensor = layer(x)
            x = x + torch.tanh(hidden) * torch.sigmoid(hidden)
        return Out(loss=x.square().mean())


def wait(device: torch.device) -> None:
    """Until all that was asked of an accelerator is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def compared(width: int, depth: int, batch_size: int, n_steps: int) -> None:
    """Print a line for each way."""
    device = resolve_device("auto")
    generator = torch.Generator().manual_seed(1)
    batches = [
        Rows(x=torch.randn(batch_size, width, generator=generator).to(device))
        for _ in range(N_BATCHES)
    ]
    steps: dict[str, OptimizerStep[Rows, Out]] = {}
    made: dict[str, float] = {}
    for name, (how, optimizer) in WAYS.items():
        if name.startswith("cudagraphs") and device.type != "cuda":
            continue
        start = time.perf_counter()
        steps[name] = OptimizerStep(
            Layers(width, depth), optimizer=optimizer, compile=how, device=device
        )
        for batch in batches[:4]:
            steps[name].update(batch)
        wait(device)
        made[name] = time.perf_counter() - start
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(N_ROUNDS):
        for name, step in steps.items():
            start = time.perf_counter() if device.type == "cuda" else time.process_time()
            for n in range(n_steps):
                step.update(batches[n % N_BATCHES])
            wait(device)
            end = time.perf_counter() if device.type == "cuda" else time.process_time()
            seconds[name].append((end - start) / n_steps)
    print(f"{device}: {depth} layers of {width}, batches of {batch_size}")
    expected = [each.detach() for each in steps["as written"].model.parameters()]
    for name, each in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(each, seconds["as written"], strict=True))
        weights = zip(steps[name].model.parameters(), expected, strict=True)
        far = max((own.detach() - other).abs().max().item() for own, other in weights)
        print(
            f"  {name:18} {statistics.median(each) * 1e6:8.1f} microseconds, {ratio:.2f} of as "
            f"written, first four {made[name]:5.1f} s, weights differ by {far:.0e}"
        )


def main() -> None:
    """Print the tables."""
    torch.set_num_threads(1)
    compared(width=64, depth=1, batch_size=64, n_steps=300)
    compared(width=128, depth=3, batch_size=256, n_steps=100)
    compared(width=64, depth=12, batch_size=64, n_steps=100)


if __name__ == "__main__":
    main()
