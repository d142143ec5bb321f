"""Whether an output has a loss that can be minimised, said in words when it has not."""

import re
from typing import Final

import torch
from torch import Tensor

from artifact_torch.data.batches.structure import walk
from artifact_torch.errors import LossError
from artifact_torch.internal.narrowing import is_mapping


def checked_loss(output: object) -> Tensor:
    """The loss, ready for `backward`. About 0.2 microseconds; reads no value, so it does not sync.

    Raises `LossError` if it is missing, not a tensor of shape `[]`, not of floating point, or without gradient.
    """
    loss = output.get("loss") if is_mapping(output) else None
    if (
        isinstance(loss, Tensor)
        and loss.requires_grad
        and loss.is_floating_point()
        and not loss.dim()
    ):
        return loss  # the common case
    if not is_mapping(output):
        raise LossError(
            f"output of forward: got {type(output).__name__}, expected a dict with the key "
            '"loss"; return the typed dict that forward declares'
        )
    if "loss" not in output:
        raise LossError(
            f'output of forward: the key "loss" is missing, got {sorted(map(str, output))}; '
            "return the loss to minimise as a scalar tensor"
        )
    return checked_scalar(output["loss"])


def checked_scalar(loss: object, name: str = "loss") -> Tensor:
    """A loss by itself. Raises as `checked_loss` does."""
    if not isinstance(loss, Tensor):
        raise LossError(
            f"{name}: got {type(loss).__name__}, expected a scalar tensor; return it from forward"
        )
    if loss.dim() != 0:
        raise LossError(
            f"{name}: got a tensor of shape {list(loss.shape)}, expected a scalar of shape []; "
            "reduce it, for example with loss.mean()"
        )
    if not loss.is_floating_point():
        raise LossError(
            f"{name}: got a tensor of {loss.dtype}, expected a floating point type; a loss of whole "
            "or complex numbers has no gradient to follow"
        )
    if not loss.requires_grad:
        raise LossError(
            f"{name}: has no gradient, so no parameter can move; compute it from the model's "
            "parameters, without torch.no_grad(), inference_mode(), detach() or item(), and with "
            "requires_grad left on for at least one of them"
        )
    return loss


def not_finite(
    where: str, batch: object = None, output: object = None, *, loss: float | None = None
) -> LossError:
    """The error for a loss of NaN or infinity, with the keys that are not finite. Syncs.

    A batch that is not finite has nothing to do with the learning rate.
    """
    fix = (
        "lower the learning rate, clip the gradient (clip_norm=), or look for log(0) and division "
        "by zero in the loss"
    )
    where = where if loss is None else f"{where}: {loss}"
    if in_batch := _not_finite_in(batch, "batch"):
        where += f", after {in_batch}"
        fix = "clean the data, or fill in what is missing before it is loaded"
    elif in_output := _not_finite_in(output, "output"):
        where += f", beside {in_output}"
    error = LossError(f"loss: not finite {where}; {fix}")
    error.loss = loss
    return error


def note_one_row(error: BaseException) -> None:
    """Add the remedy to torch's error for a batch of one row in a BatchNorm."""
    if "more than 1 value per channel" in str(error):
        error.add_note(
            "a batch of one row, as the last of an epoch may be, has no variance to normalise by; "
            "leave it out, DataLoader(..., drop_last=True), or choose another batch_size"
        )


def described_batch(batch: object) -> str:
    """`x: float64 [32, 3]; y: int64 [32], 0 to 9`: for the note on an error inside `forward`.

    Whole numbers with their range: labels are often out of it. Not on an accelerator, which an
    error may have left unable to answer.
    """
    places = [(path, part) for path, part in walk(batch) if isinstance(part, Tensor)]
    shown = [f"{path or 'batch'}: {_described(part)}" for path, part in places[:_N_SHOWN]]
    more = [f"{len(places) - _N_SHOWN} more tensors"] if len(places) > _N_SHOWN else []
    text = "; ".join([*shown, *more]) or f"{type(batch).__name__} without tensors"
    return re.sub(r'(^|; )\["(\w+)"\]', r"\1\2", text)


_N_SHOWN: Final = 20


def _not_finite_in(value: object, name: str) -> str:
    paths = [
        path
        for path, part in walk(value, name)
        if isinstance(part, Tensor) and path != 'output["loss"]'
        if _has_numbers(part) and not part.is_meta and not bool(torch.isfinite(part).all())
    ]
    return f"{', '.join(paths)} with NaN or infinity" if paths else ""


def _described(tensor: Tensor) -> str:
    text = str(tensor.dtype).removeprefix("torch.")
    if not _has_numbers(tensor):
        return f"{text}, {str(tensor.layout).removeprefix('torch.')}"
    text = f"{text} {[*tensor.shape]}"
    if tensor.device.type != "cpu":
        return f"{text} on {tensor.device}"
    is_whole = not (tensor.is_floating_point() or tensor.is_complex() or tensor.dtype is torch.bool)
    return f"{text}, {tensor.min()} to {tensor.max()}" if is_whole and tensor.numel() else text


def _has_numbers(tensor: Tensor) -> bool:
    """Sparse and nested tensors cannot always say their shape, or what is in them."""
    return tensor.layout is torch.strided and not tensor.is_nested
