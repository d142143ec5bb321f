"""Whether an output has a loss that can be minimised, said in words when it has not."""

from torch import Tensor

from artifact_torch.errors import LossError
from artifact_torch.internal.narrowing import is_mapping


def checked_loss(output: object) -> Tensor:
    """The loss, ready for `backward`. About 0.3 microseconds; reads no value, so it does not sync.

    Raises `LossError` if it is missing, not a tensor of shape `[]`, not of floating point, or without gradient.
    """
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
    loss = output["loss"]
    if not isinstance(loss, Tensor):
        raise LossError(
            f"loss: got {type(loss).__name__}, expected a scalar tensor; return it from forward"
        )
    if loss.dim() != 0:
        raise LossError(
            f"loss: got a tensor of shape {list(loss.shape)}, expected a scalar of shape []; "
            "reduce it, for example with loss.mean()"
        )
    if not loss.is_floating_point():
        raise LossError(
            f"loss: got a tensor of {loss.dtype}, expected a floating point type; a loss of whole "
            "or complex numbers has no gradient to follow"
        )
    if not loss.requires_grad:
        raise LossError(
            "loss: has no gradient, so no parameter can move; compute it from the model's "
            "parameters, without torch.no_grad(), inference_mode(), detach() or item(), and with "
            "requires_grad left on for at least one of them"
        )
    return loss


def not_finite(where: str) -> LossError:
    """The error for a loss of NaN or infinity."""
    return LossError(
        f"loss: not finite {where}; lower the learning rate, clip the gradient (clip_norm=), or "
        "look for log(0) and division by zero in the loss"
    )
