"""Faults for your own run: `artifact_torch.testing.survives_kills(make_trainer)`, and the fixture
`faults` of the pytest plugin.

Importing it loads nothing else: each name brings its module when it is first asked for.
"""

TYPE_CHECKING = False  # as in the package above

if TYPE_CHECKING:
    from artifact_torch.errors import BrokenPromiseError as BrokenPromiseError
    from artifact_torch.testing.faults import Faults as Faults
    from artifact_torch.testing.faults import MakeTrainer as MakeTrainer
    from artifact_torch.testing.faults import survives_corruption as survives_corruption
    from artifact_torch.testing.faults import survives_full_disk as survives_full_disk
    from artifact_torch.testing.faults import survives_kills as survives_kills
    from artifact_torch.testing.faults import survives_trackers as survives_trackers
else:
    from artifact_torch.internal.lazy import lazy

    __all__, __getattr__ = lazy(
        __name__,
        {
            "artifact_torch.errors": ("BrokenPromiseError",),
            "artifact_torch.testing.faults": (
                "Faults",
                "MakeTrainer",
                "survives_corruption",
                "survives_full_disk",
                "survives_kills",
                "survives_trackers",
            ),
        },
    )
