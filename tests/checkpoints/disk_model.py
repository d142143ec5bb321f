"""A model of a disk that loses what was not synced: calls are recorded, then replayed up to one."""

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pytest


@dataclass(eq=False)
class File:
    data: bytes = b""
    synced: bytes = b""

    def after_a_crash(self, draw: random.Random) -> bytes:
        """What was synced, or any beginning of what was written since."""
        if self.data == self.synced:
            return self.data
        cut = self.data[: draw.randrange(len(self.data) + 1)]
        return draw.choice([self.synced, cut, cut.ljust(len(self.data), b"\0"), self.data])


@dataclass(eq=False)
class Folder:
    there: dict[str, "File | Folder"] = field(default_factory=dict[str, "File | Folder"])
    synced: dict[str, "File | Folder"] = field(default_factory=dict[str, "File | Folder"])

    @classmethod
    def of(cls, path: Path) -> Self:
        """All that is there, and on the disk."""
        folder = cls()
        for each in path.iterdir():
            content = each.read_bytes() if each.is_file() else b""
            folder.there[each.name] = cls.of(each) if each.is_dir() else File(content, content)
        folder.synced = {**folder.there}
        return folder

    def after_a_crash(self, target: Path, draw: random.Random) -> None:
        """Makes it: of each name that was not synced, what was or what is."""
        target.mkdir()
        for name in sorted(self.there.keys() | self.synced.keys()):
            match draw.choice([self.there.get(name), self.synced.get(name)]):
                case File() as file:
                    (target / name).write_bytes(file.after_a_crash(draw))
                case Folder() as folder:
                    folder.after_a_crash(target / name, draw)
                case None:
                    pass

    def at(self, way: str) -> "File | Folder":
        place: File | Folder = self
        for name in Path(way).parts:
            assert isinstance(place, Folder)
            place = place.there[name]
        return place

    def around(self, way: str) -> "dict[str, File | Folder]":
        parent = self.at(str(Path(way).parent))
        assert isinstance(parent, Folder)
        return parent.there


Operation = Callable[[Folder], None]


def opened(way: str, flags: int) -> Operation:
    def run(disk: Folder) -> None:
        around, name = disk.around(way) if way != "." else {}, Path(way).name
        if flags & os.O_CREAT and name not in around:
            around[name] = File()
        if flags & os.O_TRUNC and isinstance(file := around[name], File):
            file.data = b""

    return run


def written(way: str, data: bytes) -> Operation:
    def run(disk: Folder) -> None:
        file = disk.at(way)
        assert isinstance(file, File)
        file.data += data

    return run


def truncated(way: str, size: int) -> Operation:
    def run(disk: Folder) -> None:
        file = disk.at(way)
        assert isinstance(file, File)
        file.data = file.data[:size]

    return run


def synced(way: str) -> Operation:
    def run(disk: Folder) -> None:
        match disk.at(way):
            case File() as file:
                file.synced = file.data
            case Folder() as folder:
                folder.synced = {**folder.there}

    return run


def made(way: str) -> Operation:
    def run(disk: Folder) -> None:
        disk.around(way)[Path(way).name] = Folder()

    return run


def moved(way: str, to: str) -> Operation:
    def run(disk: Folder) -> None:
        disk.around(to)[Path(to).name] = disk.around(way).pop(Path(way).name)

    return run


def removed(way: str) -> Operation:
    def run(disk: Folder) -> None:
        del disk.around(way)[Path(way).name]

    return run


def recorded(folder: Path, work: Callable[[], None], patch: pytest.MonkeyPatch) -> list[Operation]:
    """What `work` does to the files in `folder`, through os."""
    done, ways = list[Operation](), dict[int, str]()
    real = {name: getattr(os, name) for name in ("open", "write", "fsync", "ftruncate")}

    def way_of(path: object) -> str:
        return os.path.relpath(str(path), folder)

    def do_open(path: object, flags: int, *rest: object, **named: object) -> int:
        descriptor: int = real["open"](path, flags, *rest, **named)
        if str(path).startswith(str(folder)):
            ways[descriptor] = way_of(path)
            done.append(opened(way_of(path), flags))
        return descriptor

    def do_write(descriptor: int, data: memoryview) -> int:
        size: int = real["write"](descriptor, data)
        done.append(written(ways[descriptor], bytes(data)[:size]))
        return size

    def do_fsync(descriptor: int) -> None:
        real["fsync"](descriptor)
        done.append(synced(ways[descriptor]))

    def do_ftruncate(descriptor: int, size: int) -> None:
        real["ftruncate"](descriptor, size)
        done.append(truncated(ways[descriptor], size))

    def named(name: str, operation: Callable[..., Operation]) -> Callable[..., None]:
        call: Callable[..., None] = getattr(os, name)

        def run(*given: object, **_: object) -> None:
            call(*given)
            paths = [way_of(each) for each in given if isinstance(each, str | Path)]
            done.append(operation(*paths))

        return run

    changes: Sequence[tuple[str, Callable[..., object]]] = [
        *(("open", do_open), ("write", do_write), ("fsync", do_fsync), ("ftruncate", do_ftruncate)),
        *(("mkdir", named("mkdir", made)), ("rename", named("rename", moved))),
        *(("replace", named("replace", moved)), ("unlink", named("unlink", removed))),
        ("rmdir", named("rmdir", removed)),
    ]
    with patch.context() as inner:
        inner.setattr("shutil._use_fd_functions", False)  # by path, one after the other
        for name, change in changes:
            inner.setattr(os, name, change)
        work()
    return done
