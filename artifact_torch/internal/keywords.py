"""Keywords that other libraries have for what has another name here."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Final, ParamSpec, TypeVar

from artifact_torch.errors import ConfigurationError

P = ParamSpec("P")
R = TypeVar("R")

_STEP: Final = "an argument of the step: Trainer(OptimizerStep(model, {}), ...)"
_BOUND: Final = "stop=[EpochBoundStopper(max_n_epochs=...)]"
_EARLY: Final = 'stop=[..., PatienceStopper("score", patience=...)]'
_VALIDATION: Final = "routines=[DataLoaderRoutine(loader, scores=[...])]"
_ARTIFACTS: Final = "routines=[bind(routine, model)]"

OF_TRAINERS: Final[Mapping[str, str]] = {
    "model": _STEP.format("optimizer=..."),
    **{word: _STEP.format(f"{word}=...") for word in ("optimizer", "device", "schedule")},
    **dict.fromkeys(("scheduler", "lr_scheduler"), _STEP.format("schedule=...")),
    **dict.fromkeys(("accelerator", "devices"), _STEP.format("device=...")),
    "precision": _STEP.format("autocast=torch.bfloat16"),
    "accumulate_grad_batches": _STEP.format("accumulate=..."),
    "gradient_clip_val": _STEP.format("clip_norm=..."),
    **dict.fromkeys(("max_epochs", "max_n_epochs", "n_epochs", "epochs"), _BOUND),
    **dict.fromkeys(("max_steps", "max_n_steps"), "stop=[StepBoundStopper(max_n_steps=...)]"),
    **dict.fromkeys(("max_time", "max_minutes"), "stop=[TimeBoundStopper(max_minutes=...)]"),
    **dict.fromkeys(("stopper", "early_stopper", "early_stopping"), _EARLY),
    **dict.fromkeys(("loader", "train_dataloader", "train_dataloaders"), "train_loader="),
    **dict.fromkeys(("val_loader", "val_dataloaders", "validation_loader"), _VALIDATION),
    **dict.fromkeys(("loader_routine", "loader_routines"), _VALIDATION),
    **dict.fromkeys(("train_loader_routine", "validation_loader_routine"), _VALIDATION),
    **dict.fromkeys(("artifact_routine", "artifact_routines"), _ARTIFACTS),
    **dict.fromkeys(("callback", "batch_routine"), "callbacks=[...]"),
    **dict.fromkeys(("logger", "tracking_client"), "tracking_clients=[...]"),
    **dict.fromkeys(("model_tracker", "monitor"), 'best=BestScoreTracker("score")'),
    "checkpoint_callback": "checkpointer=FolderCheckpointer(folder, every=...)",
    "enable_progress_bar": "progress=",
    "seed": "validation_seed=, that of the order of rows DataLoader(..., seed=...),",
}
"""Of the specification and of other libraries."""

OF_STEPS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("lr", "learning_rate", "weight_decay"), "optimizer=partial(torch.optim.Adam, lr=...)"
    ),
    **dict.fromkeys(("scheduler", "lr_scheduler"), "schedule="),
    **dict.fromkeys(("gradient_clip_val", "max_norm", "grad_clip"), "clip_norm="),
    "accumulate_grad_batches": "accumulate=",
    "precision": "autocast=torch.bfloat16",
}
"""Of optimizers and of other libraries, where a step is made."""


def names_ours(**ours: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorates a function whose error for a foreign keyword then names ours: `num_workers="n_workers="`.

    Both checkers see the function as it is written, and refuse every keyword that it has not.
    """

    def decorated(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            foreign = [f"{word}= is {ours[word]} here" for word in kwargs if word in ours]
            if foreign:
                raise ConfigurationError(
                    f"{function.__qualname__.removesuffix('.__init__')}: {'; '.join(foreign)}"
                )
            return function(*args, **kwargs)

        return call

    return decorated
