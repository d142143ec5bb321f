"""A run on the disk: its record, what it drew, what it was set to, how it stands.

The folder is the truth: trackers are fed from it. Importing this loads neither torch nor pandas,
so that a process that only reads a record starts at once.
"""

TYPE_CHECKING = False

if TYPE_CHECKING:
    from artifact_torch.run_folder.apart import difference as difference
    from artifact_torch.run_folder.best import keep_best as keep_best
    from artifact_torch.run_folder.configuration import RunFolder as RunFolder
    from artifact_torch.run_folder.differing import Difference as Difference
    from artifact_torch.run_folder.ledger import Ledger as Ledger
    from artifact_torch.run_folder.ledger import read_ledger as read_ledger
    from artifact_torch.run_folder.lock import held as held
    from artifact_torch.run_folder.names import new_run as new_run
    from artifact_torch.run_folder.open_run import OpenRun as OpenRun
    from artifact_torch.run_folder.open_run import opened as opened
    from artifact_torch.run_folder.reading import history as history
    from artifact_torch.run_folder.reading import lines as lines
    from artifact_torch.run_folder.reading import recorded as recorded
    from artifact_torch.run_folder.record import Record as Record
    from artifact_torch.run_folder.recorded_run import RecordedRun as RecordedRun
    from artifact_torch.run_folder.recorded_run import read_run as read_run
    from artifact_torch.run_folder.settings import Begun as Begun
    from artifact_torch.run_folder.status import Status as Status
    from artifact_torch.run_folder.status import read_status as read_status
else:
    from artifact_torch.internal.lazy import lazy

    __all__, __getattr__ = lazy(
        __name__,
        {
            "artifact_torch.run_folder.apart": ("difference",),
            "artifact_torch.run_folder.best": ("keep_best",),
            "artifact_torch.run_folder.configuration": ("RunFolder",),
            "artifact_torch.run_folder.differing": ("Difference",),
            "artifact_torch.run_folder.ledger": ("Ledger", "read_ledger"),
            "artifact_torch.run_folder.lock": ("held",),
            "artifact_torch.run_folder.names": ("new_run",),
            "artifact_torch.run_folder.open_run": ("OpenRun", "opened"),
            "artifact_torch.run_folder.reading": ("history", "lines", "recorded"),
            "artifact_torch.run_folder.record": ("Record",),
            "artifact_torch.run_folder.recorded_run": ("RecordedRun", "read_run"),
            "artifact_torch.run_folder.settings": ("Begun",),
            "artifact_torch.run_folder.status": ("Status", "read_status"),
        },
    )
