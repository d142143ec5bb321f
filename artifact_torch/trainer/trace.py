"""One update looked at tensor by tensor, and what differs in two of them."""

from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from operator import methodcaller
from typing import final

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from artifact_torch.data.batches.structure import walk
from artifact_torch.inside.places import parts_of
from artifact_torch.run_folder.ledger import What
from artifact_torch.trainer.digests import feed, hashing


@final
@dataclass(kw_only=True)
class Trace:
    """Digests of all that an update was made of and came to, each by its name, in the order in which
    they were there.
    """

    data: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Tensors of its batches: `["x"]`; of several batches `1["x"]`, `2["x"]`."""
    before: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Parameters and buffers before its first batch."""
    outputs: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Of modules: `layers.0 (Linear)`, and `, call 2` where it is called again."""
    gradients: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Those that it left, by parameter; the first that the backward pass gave comes first."""
    parameters: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """After it, with buffers."""

    is_done: bool = False
    n_batches: int = 0

    def see(self, batch: object) -> None:
        """One of its batches."""
        self.n_batches += 1
        number = str(self.n_batches) if self.n_batches > 1 else ""
        found = {f"{number}{path}": each for path, each in walk(batch) if isinstance(each, Tensor)}
        self.data |= {path: _digest(each) for path, each in found.items()}

    def finish(self, model: nn.Module) -> None:
        """The update is done, and nothing else has happened since."""
        self.is_done = True
        grads = {name: each.grad for name, each in model.named_parameters()}
        order = dict.fromkeys([*self.gradients, *grads])
        self.gradients = {
            name: _digest(found) for name in order if (found := grads[name]) is not None
        }
        self.parameters = _state(model)


@final
@dataclass(frozen=True, kw_only=True)
class TracesPart:
    """Where two traces differ first, in the order in which an update makes things."""

    what: What
    """In the data, or else in the parameters before it, in an output (loss), a gradient, or the
    parameters after it.
    """
    tensor: str
    """The first that differs: a path of the batch, or the name of a module, parameter or buffer."""
    module: str
    """Where that is; empty for the data."""
    is_before: bool
    """The parameters were other before the update."""
    n_more: int
    """Further ones of that kind that differ."""

    def __str__(self) -> str:
        more = f", and {self.n_more} more" if self.n_more else ""
        if self.what == "data":
            return f"the data differ: {self.tensor or 'the batch'}{more}"
        if self.is_before:
            return f"the parameters differ before it: {self.tensor}{more}, in module {self.module}"
        if self.what == "loss":
            return f"the first module whose output differs: {self.module}{more}"
        noun = "gradient" if self.what == "gradient" else "parameter"
        return f"the first {noun} that differs: {self.tensor}{more}, in module {self.module}"


def traces_part(one: Trace, other: Trace) -> TracesPart | None:
    """None where all is equal."""
    kinds: list[tuple[What, bool, dict[str, bytes], dict[str, bytes]]] = [
        ("parameters", True, one.before, other.before),
        ("data", False, one.data, other.data),
        ("loss", False, one.outputs, other.outputs),
        ("gradient", False, one.gradients, other.gradients),
        ("parameters", False, one.parameters, other.parameters),
    ]
    for what, is_before, here, there in kinds:
        names = [n for n in dict.fromkeys([*here, *there]) if here.get(n) != there.get(n)]
        if names:
            module = "" if what == "data" else names[0] if what == "loss" else _owner(names[0])
            return TracesPart(
                what=what,
                tensor=names[0],
                module=module,
                is_before=is_before,
                n_more=len(names) - 1,
            )
    return None


@contextmanager
def tracing(model: nn.Module, trace: Trace) -> Generator[None]:
    """Hooks on every module, that see the output after those of the model's own. Syncs at each. What
    is inside a compiled module is not seen.
    """
    trace.before = _state(model)
    n_calls = dict[str, int]()

    def saw(name: str, output: object) -> None:
        if trace.is_done:
            return
        n_calls[name] = n_calls.get(name, 0) + 1
        again = f", call {n_calls[name]}" if n_calls[name] > 1 else ""
        trace.outputs[f"{name}{again}"] = _digest(output)

    with ExitStack() as hooks:
        for part in parts_of(model):
            name = f"{part.name} ({type(part.module).__name__})"

            def seen(_: nn.Module, __: object, output: object, name: str = name) -> None:
                saw(name, output)

            hooks.callback(part.module.register_forward_hook(seen).remove)
        for name, each in model.named_parameters():
            if each.requires_grad and each.is_leaf:

                def came(_: Tensor, name: str = name) -> None:
                    trace.gradients.setdefault(name, b"")

                hooks.callback(_when_accumulated(each, came).remove)
        yield


def _state(model: nn.Module) -> dict[str, bytes]:
    named: Mapping[str, Tensor] = dict([*model.named_parameters(), *model.named_buffers()])
    return {name: _digest(each) for name, each in named.items()}


def _digest(value: object) -> bytes:
    made = hashing()[1]()
    feed(made, [each for _, each in walk(value) if isinstance(each, Tensor)])
    return made.digest()


def _when_accumulated(parameter: Tensor, hook: Callable[[Tensor], None]) -> RemovableHandle:
    handle: RemovableHandle = methodcaller("register_post_accumulate_grad_hook", hook)(parameter)
    return handle  # torch leaves it untyped


def _owner(name: str) -> str:
    return name.rpartition(".")[0] or "the model itself"
