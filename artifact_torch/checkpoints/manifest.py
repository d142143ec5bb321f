"""What a checkpoint is: its name, its manifest, and what makes it whole."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from reprlib import repr as shown
from typing import Final, final

from artifact_torch.errors import CheckpointError
from artifact_torch.internal.narrowing import is_state_dict

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
STATE: Final = "state.json"
TENSORS: Final = "tensors.safetensors"
_OF_RANK: Final = re.compile(r"tensors\.\d{5}\.safetensors")
LOGS: Final = ("log.jsonl", "log.copy.jsonl")
"""Of all checkpoints of a folder."""

_NAME: Final = re.compile(r"(?:epoch_(\d+)_)?step_(\d+)(?:-(\d+))?")


@final
@dataclass(frozen=True, kw_only=True)
class Identity:
    """Which checkpoint it is. Stands in each of its files, so that none is taken for another's."""

    order: int
    """Counts the saves of a folder: what was written later has more, whatever the clock says."""
    epoch: int
    step: int
    seconds: float
    ends_epoch: bool
    n_rows: int | None
    """Of the log; None for a state without one."""
    rows_digest: str
    """Of the log up to there."""

    @property
    def name(self) -> str:
        """`epoch_00010_step_00000150`, within an epoch `step_00000120`."""
        ended = f"epoch_{self.epoch:05d}_" if self.ends_epoch else ""
        return f"{ended}step_{self.step:08d}"


@final
@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What was written: sizes in bytes, digests in SHA-256."""

    identity: Identity
    sizes: Mapping[str, int]
    digests: Mapping[str, str]
    """Of the files, as `sha256sum` has them."""
    tensors: Mapping[str, str]
    """Of the bytes of each tensor."""
    of_ranks: Mapping[str, Mapping[str, str]]
    """As `tensors`, of the file of each rank but the first."""
    written: str
    """Time, UTC."""


def file_of(rank: int) -> str:
    """The name of the file with what a rank writes of the tensors."""
    return f"tensors.{rank:05d}.safetensors" if rank else TENSORS


@final
@dataclass(frozen=True)
class Name:
    """What the name of a folder says."""

    epoch: int | None
    step: int
    n: int
    """Of the saves of one step: 1, 2, 3."""


def parsed(name: str) -> Name | None:
    """None for a folder that is no checkpoint."""
    found = _NAME.fullmatch(name)
    if found is None or len(name) > 99:
        return None
    return Name(int(found[1]) if found[1] else None, int(found[2]), int(found[3] or 1))


def digest(*parts: bytes | memoryview) -> str:
    """SHA-256, in hexadecimal. 1 to 2 GB/s, without holding the interpreter."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part)
    return sha.hexdigest()


def dumped(document: object) -> str:
    """As JSON, the same for the same document. NaN and infinity have no JSON."""
    return json.dumps(document, allow_nan=False, separators=(",", ":"), sort_keys=False)


def manifest_bytes(manifest: Manifest) -> bytes:
    """The file. Its last line is its own digest."""
    document: dict[str, object] = {
        "format": FORMAT,
        "checkpoint": asdict(manifest.identity),
        "written": manifest.written,
        "files": {
            name: {"bytes": size, "sha256": manifest.digests[name]}
            | ({"tensors": manifest.of_ranks[name]} if name in manifest.of_ranks else {})
            for name, size in manifest.sizes.items()
        },
        "tensors": dict(manifest.tensors),
    }
    document["digest"] = _signature(document)
    return (json.dumps(document, allow_nan=False, indent=1) + "\n").encode()


def read_manifest(folder: Path) -> Manifest:
    """That of a checkpoint whose name fits it. Raises `CheckpointError` with the reason, and
    `OSError` where it is there and cannot be read.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise CheckpointError(f"has no {MANIFEST}: its save was not finished") from None
    except IsADirectoryError:
        raise CheckpointError(f"{MANIFEST} is a folder") from None
    document = parsed_json(MANIFEST, content)
    _refuse_other_format(document)
    signature = document.pop("digest", None)
    if signature != _signature(document):
        raise CheckpointError(f"{MANIFEST} is damaged: it has another digest than it says")
    manifest = _manifest(document)
    told, identity = parsed(folder.name), manifest.identity
    if told is None or (told.epoch, told.step) != (
        identity.epoch if identity.ends_epoch else None,
        identity.step,
    ):
        raise CheckpointError(f"is that of {identity.name} by its {MANIFEST}")
    return manifest


def parsed_json(name: str, content: bytes) -> dict[str, object]:
    """A JSON object. Raises `CheckpointError`."""
    try:
        document: object = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{name} is damaged: it is not JSON ({error})") from error
    if not is_state_dict(document):
        raise CheckpointError(f"{name} is damaged: got {shown(document)}, expected an object")
    return document


def identity_of(document: object, name: str) -> Identity:
    """From JSON. Raises `CheckpointError`."""
    known = {each.name for each in fields(Identity)}
    match document if is_state_dict(document) and document.keys() == known else None:
        case {
            "order": int(order),
            "epoch": int(epoch),
            "step": int(step),
            "seconds": int() | float() as seconds,
            "ends_epoch": bool(ends_epoch),
            "n_rows": None | int() as n_rows,
            "rows_digest": str(rows_digest),
        } if min(order, epoch, step, n_rows or 0) >= 0:
            return Identity(
                order=order,
                epoch=epoch,
                step=step,
                seconds=float(seconds),
                ends_epoch=ends_epoch,
                n_rows=n_rows,
                rows_digest=rows_digest,
            )
        case _:
            raise CheckpointError(f"{name} does not say which checkpoint it belongs to")


def _refuse_other_format(document: Mapping[str, object]) -> None:
    version = document.get("format")
    if type(version) is not int or version < 1:
        raise CheckpointError(f"{MANIFEST} has the format {shown(version)}, expected {FORMAT}")
    if version > FORMAT:
        raise CheckpointError(
            f"has format version {version}, and this version of artifact-torch reads up to "
            f"{FORMAT}; update artifact-torch"
        )


def _signature(document: Mapping[str, object]) -> str:
    try:
        return digest(json.dumps(document, sort_keys=True).encode())
    except (ValueError, RecursionError):
        return "none"


def _manifest(document: Mapping[str, object]) -> Manifest:
    sizes, digests = dict[str, int](), dict[str, str]()
    of_ranks = dict[str, Mapping[str, str]]()
    files, tensors = document.get("files"), document.get("tensors")
    there = files if is_state_dict(files) else {}
    for name in (TENSORS, STATE, *filter(_OF_RANK.fullmatch, there)):
        match about := there.get(name):
            case {"bytes": int(size), "sha256": str(sha256)}:
                sizes[name], digests[name] = size, sha256
                own = about.get("tensors") if is_state_dict(about) else None
                if is_state_dict(own):
                    of_ranks[name] = {key: str(each) for key, each in own.items()}
            case other:
                raise CheckpointError(f"{MANIFEST} has {shown(other)} about {name}")
    if [*of_ranks] != [file_of(rank) for rank in range(1, len(sizes) - 1)]:
        raise CheckpointError(f"{MANIFEST} has {shown(sorted(there))} as the files of all ranks")
    if not is_state_dict(tensors):
        raise CheckpointError(f"{MANIFEST} has {shown(tensors)} about the tensors")
    return Manifest(
        identity=identity_of(document.get("checkpoint"), MANIFEST),
        sizes=sizes,
        digests=digests,
        tensors={name: str(each) for name, each in tensors.items()},
        of_ranks=of_ranks,
        written=str(document.get("written")),
    )
