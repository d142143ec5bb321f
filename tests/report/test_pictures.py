"""Pictures in a page, within its size."""

import base64
import io
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from artifact_torch.report.pictures import galleries
from artifact_torch.run_folder.recorded_run import RecordedRun
from tests.report.made import files, png, run

MB = 1_000_000


def decoded(uri: str) -> bytes:
    return base64.b64decode(uri.partition(",")[2])


def width(content: bytes) -> int:
    return int.from_bytes(content[16:20], "big")


def drawn(tmp_path: Path, **contents: list[bytes]) -> RecordedRun:
    pictures = {name: files(tmp_path / name, each) for name, each in contents.items()}
    return replace(run(), pictures=pictures)


def size(run: RecordedRun, n_bytes: int) -> int:
    shown = [
        picture
        for each in galleries([run], n_bytes)
        for picture in (each.newest, *each.strip)
        if picture is not None
    ]
    return sum(len(each.uri) for each in shown)


def test_the_newest_is_as_it_was_drawn_and_the_strip_begins_with_the_first(tmp_path: Path) -> None:
    contents = [png(640, 480, seed=n) for n in range(20)]
    (found,) = galleries([drawn(tmp_path, fit=contents)], 3 * MB)
    assert found.newest is not None
    assert decoded(found.newest.uri) == contents[-1]
    assert found.newest.text == "fit after epoch 20, step 200"
    assert [each.epoch for each in found.strip] == [1, 3, 6, 9, 11, 14, 17, 20]
    assert {width(decoded(each.uri)) for each in found.strip} == {168}


def test_one_moment_has_no_strip(tmp_path: Path) -> None:
    (found,) = galleries([drawn(tmp_path, fit=[png(64, 48)])], MB)
    assert (found.strip, found.note) == ([], "")


@pytest.mark.parametrize("n_bytes", [100_000, MB, 3 * MB])
def test_what_does_not_fit_is_made_smaller_or_left_out_and_said(
    tmp_path: Path, n_bytes: int
) -> None:
    noise = {f"p{n}": [png(900, 900, seed=n, is_noise=True)] * 3 for n in range(4)}  # 2.4 MB each
    large = drawn(tmp_path, **noise)
    assert size(large, n_bytes) <= n_bytes
    found = galleries([large], n_bytes)
    assert len(found) == 4
    assert all(each.newest is not None or "too large for this page" in each.note for each in found)
    assert all(each.strip or each.note for each in found)


def test_without_pillow_small_pictures_are_the_pictures_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    plain, noise = [png(300, 200, seed=n) for n in range(3)], png(300, 300, is_noise=True)
    few, none = galleries([drawn(tmp_path, few=plain, none=[noise] * 3)], 3 * MB)
    assert [decoded(each.uri) for each in few.strip] == plain
    assert none.strip == []
    assert none.note == "3 moments; the earlier ones have no room in this page"


def test_one_that_is_gone_or_damaged_hurts_nothing(tmp_path: Path) -> None:
    torn = png(640, 480)[:200]
    made = drawn(tmp_path, gone=[b""], torn=[torn, torn], whole=[png(64, 48)])
    made.pictures["gone"][0].path.unlink()
    gone, broken, whole = galleries([made], MB)
    assert gone.newest is None
    assert "gone" in gone.note
    assert broken.newest is not None  # a browser shows what there is of it
    assert whole.newest is not None


def test_an_svg_is_an_image_that_runs_no_script(tmp_path: Path) -> None:
    content = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    pictures = {"fit": files(tmp_path, [content, content], ".svg")}
    (found,) = galleries([replace(run(), pictures=pictures)], MB)
    assert found.newest is not None
    assert found.newest.uri.startswith("data:image/svg+xml;base64,")
    assert decoded(found.newest.uri) == content
    assert found.strip == []


def test_a_small_picture_is_the_same_picture(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    (found,) = galleries([drawn(tmp_path, fit=[png(640, 480, seed=6)] * 2)], MB)
    small = image.open(io.BytesIO(decoded(found.strip[0].uri))).convert("RGB")
    assert small.size == (168, 126)
    assert small.getpixel((80, 60)) == (120, 120, 120)
