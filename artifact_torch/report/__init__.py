"""A run, or several beside each other, as one HTML file that needs no network and no server."""

TYPE_CHECKING = False

if TYPE_CHECKING:
    from artifact_torch.report.writing import report as report
else:
    from artifact_torch.internal.lazy import lazy

    __all__, __getattr__ = lazy(__name__, {"artifact_torch.report.writing": ("report",)})
