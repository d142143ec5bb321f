"""Tables as people have them: what their columns are, and codes of their rows."""

from artifact_torch.errors import CopyWarning
from artifact_torch.tables.codec import TableCodec
from artifact_torch.tables.inference import infer_spec
from artifact_torch.tables.specs import ColumnSpec, ColumnSpecs, Kind

__all__ = ["ColumnSpec", "ColumnSpecs", "CopyWarning", "Kind", "TableCodec", "infer_spec"]
