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
_CADENCE: Final = "routines=[DataLoaderRoutine(loader, every=...)], with epochs or steps(n),"
_LIMITED: Final = "train_loader=limited(loader, n_batches=...)"
_LIMITED_VALIDATION: Final = "routines=[DataLoaderRoutine(limited(loader, n_batches=...))]"
_ROWS: Final = "an argument of the loader: train_loader=DataLoader(table, {})"
_AHEAD: Final = "train_loader=prefetched(loader, n_batches=...)"
_CONTINUED: Final = "run_folder=, whose run train() goes on with,"
_SUPERVISED: Final = "part of the model: OptimizerStep(supervised(net, loss), ...)"
_AVERAGED: Final = "a step around the step: averaged(OptimizerStep(...), {})"

OF_TRAINERS: Final[Mapping[str, str]] = {
    "model": _STEP.format("optimizer=..."),
    **{
        word: _STEP.format(f"{word}=...") for word in ("optimizer", "device", "schedule", "compile")
    },
    **dict.fromkeys(("scheduler", "lr_scheduler"), _STEP.format("schedule=...")),
    **dict.fromkeys(("accelerator", "devices"), _STEP.format("device=...")),
    **dict.fromkeys(("strategy", "num_nodes"), _STEP.format('parallel="ddp"')),
    "precision": _STEP.format("autocast=torch.bfloat16"),
    "accumulate_grad_batches": _STEP.format("accumulate=..."),
    **dict.fromkeys(
        ("gradient_clip_val", "gradient_clip_algorithm"), _STEP.format("clip_norm=...")
    ),
    **dict.fromkeys(("loss", "loss_fn", "criterion"), _SUPERVISED),
    "metrics": 'routines=[DataLoaderRoutine(loader, scores=[Accuracy("accuracy")])]',
    **dict.fromkeys(("max_steps", "max_n_steps"), "stop=[StepBoundStopper(max_n_steps=...)]"),
    **dict.fromkeys(("max_time", "max_minutes"), "stop=[TimeBoundStopper(max_minutes=...)]"),
    **dict.fromkeys(("limit_train_batches", "steps_per_epoch"), _LIMITED),
    **dict.fromkeys(("limit_val_batches", "validation_steps"), _LIMITED_VALIDATION),
    **dict.fromkeys(("fast_dev_run", "rehearse"), "trainer.rehearse(), instead of train(),"),
    "overfit_batches": "train_loader=repeated(loader, n_batches=...)",
    "num_sanity_val_steps": "sanity=",
    **dict.fromkeys(("val_check_interval", "check_val_every_n_epoch", "validation_freq"), _CADENCE),
    "log_every_n_steps": "an argument of each callback: callbacks=[TrainLoss(every=steps(...))]",
    "profiler": 'callbacks=[Profile("trace.json", after=...)]',
    "auto_lr_find": "find_learning_rate(step, loader).suggestion, before the trainer is built,",
    **dict.fromkeys(("ckpt_path", "resume_from_checkpoint", "initial_epoch"), _CONTINUED),
    **{word: _ROWS.format(f"{word}=...") for word in ("batch_size", "shuffle", "n_workers")},
    "num_workers": _ROWS.format("n_workers=..."),
    **dict.fromkeys(("prefetch", "prefetch_factor"), _AHEAD),
    **dict.fromkeys(("hparams", "hyperparameters", "config"), "settings="),
    "deterministic": "torch.use_deterministic_algorithms(True), before the model is made,",
    "detect_anomaly": "torch.autograd.set_detect_anomaly(True), before train(),",
    **dict.fromkeys(("max_epochs", "max_n_epochs", "n_epochs", "epochs"), _BOUND),
    **dict.fromkeys(("stopper", "early_stopper", "early_stopping"), _EARLY),
    **dict.fromkeys(("loader", "train_dataloader", "train_dataloaders"), "train_loader="),
    **dict.fromkeys(
        ("val_loader", "val_dataloaders", "validation_loader", "validation_data"), _VALIDATION
    ),
    **dict.fromkeys(("loader_routine", "loader_routines"), _VALIDATION),
    **dict.fromkeys(("train_loader_routine", "validation_loader_routine"), _VALIDATION),
    **dict.fromkeys(("artifact_routine", "artifact_routines"), _ARTIFACTS),
    **dict.fromkeys(("callback", "batch_routine"), "callbacks=[...]"),
    **dict.fromkeys(("logger", "tracking_client"), "tracking_clients=[...]"),
    **dict.fromkeys(("model_tracker", "monitor"), 'best=BestScoreTracker("score")'),
    **dict.fromkeys(
        ("checkpoint_callback", "enable_checkpointing", "default_root_dir"),
        "run_folder=..., checkpoint_every=...",
    ),
    **dict.fromkeys(("enable_progress_bar", "verbose"), "progress="),
    "enable_model_summary": "progress=, which says the summary where it is not False,",
    "seed": "validation_seed=, that of the order of rows DataLoader(..., seed=...),",
}
"""Of the specification and of other libraries."""

OF_STEPS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("lr", "learning_rate", "weight_decay"), "optimizer=partial(torch.optim.Adam, lr=...)"
    ),
    **dict.fromkeys(("scheduler", "lr_scheduler"), "schedule="),
    **dict.fromkeys(
        ("gradient_clip_val", "max_norm", "grad_clip", "max_grad_norm", "clipnorm"), "clip_norm="
    ),
    **dict.fromkeys(("accumulate_grad_batches", "gradient_accumulation_steps"), "accumulate="),
    **dict.fromkeys(("precision", "mixed_precision"), "autocast=torch.bfloat16"),
    **dict.fromkeys(("loss", "loss_fn", "criterion"), _SUPERVISED),
    **dict.fromkeys(("ema", "use_ema"), _AVERAGED.format("ema(0.999)")),
    "swa": _AVERAGED.format("swa(start=...)"),
    **dict.fromkeys(("strategy", "ddp", "distributed"), 'parallel="ddp"'),
    "fsdp": 'parallel="fsdp"',
    **dict.fromkeys(("jit_compile", "torch_compile"), "compile="),
    "fused": "optimizer=partial(torch.optim.Adam, lr=..., fused=True)",
    "warmup_steps": "schedule=planned(lambda optimizer, n_updates: per_step(...))",
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
