"""The page: well formed, told in words, escaped, and without a network."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from artifact_torch.report.page import MOST_BYTES, html
from artifact_torch.run_folder.recorded_lines import RecordedFailure, RecordedWarning
from artifact_torch.run_folder.recorded_run import RecordedPart, RecordedRun
from artifact_torch.run_folder.recorded_scores import Curve
from tests.report.made import Page, curve, files, png, run

NASTY = [
    "<script>alert(1)</script>",
    "\"quoted\" 'both' ways",
    "</title></style></script><b>",
    "{{ 7 * 7 }} {% raw %} ${HOME} $x",
    "a & b &amp; c",
    "emoji \U0001f408\u200d\u2b1b and \u05e9\u05dc\u05d5\u05dd \u202ereversed",
    'javascript:alert(1)//" onload="alert(1)',
    "line\nbreak\ttab",
]
FAILED = RecordedFailure(
    kind="plot", name="pdf", reason="ValueError: no rows", epoch=2, step=20, seconds=1.0
)
WARNED = RecordedWarning(text="the rate is 0", epoch=1, step=10, seconds=1.0)


def full(folder: Path, name: str = "vae") -> RecordedRun:
    """Everything that a page can show."""
    return replace(
        run(name),
        folder=folder / name,
        collections={"f1": {"cat": curve([0.1, 0.2]), "dog": curve([0.3, float("nan")])}},
        pictures={"fit": files(folder / "fit", [png(200, 100, seed=n) for n in range(3)])},
        failures=[FAILED],
        warnings=[WARNED],
        n_warnings=3,
        summary="Net: 41 parameters",
        parts={"model": RecordedPart(type="Net", contract="Model")},
        versions={"torch": "2.13.0"},
        seeds={"train_loader": 0},
        program=["train.py", "--name", "a b"],
        revision="4f2a91c (changed)",
        begun=[{"time": "t0", "epoch": 0, "step": 0}, {"time": "t1", "changed": {"lr": 0.2}}],
    )


def pages(folder: Path) -> dict[str, Sequence[RecordedRun]]:
    failed = replace(run(), status="failed", reason="interrupted by ValueError: x", best=None)
    return {
        "everything": [full(folder)],
        "nothing": [RecordedRun(name="empty")],
        "failed": [failed],
        "no scores": [run(scores={})],
        "all NaN": [run(scores={"val_loss": [float("nan")] * 3})],
        "one moment": [run(scores={"val_loss": [1.0]})],
        "two": [full(folder, "a"), full(folder, "b")],
        "different": [full(folder), RecordedRun(name="empty"), failed],
        "many": [run(f"run {n}") for n in range(12)],
    }


KINDS = (
    *("everything", "nothing", "failed", "no scores", "all NaN", "one moment"),
    *("two", "different", "many"),
)


@pytest.fixture(params=KINDS)
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Page:
    made = pages(tmp_path)
    assert {*made} == {*KINDS}
    return Page(html(made[str(request.param)]))


def test_every_picture_has_a_text(page: Page) -> None:
    for each in page.all("img"):
        assert each.attributes["alt"]
    for each in page.all("svg"):
        is_told = each.attributes.get("role") == "img" and each.attributes.get("aria-label")
        assert is_told or each.attributes.get("aria-hidden") == "true"


def test_headings_go_down_one_level_at_a_time(page: Page) -> None:
    levels = [int(each.tag[1]) for each in page.all("h1", "h2", "h3", "h4", "h5")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_tables_have_heads_with_a_scope(page: Page) -> None:
    assert all(each.attributes["scope"] in ("col", "row") for each in page.all("th"))
    for cell in page.all("td", "th"):
        assert "table" in cell.inside


def test_ids_are_one_each_and_links_lead_to_them(page: Page) -> None:
    ids = [each.attributes["id"] for each in page.elements if "id" in each.attributes]
    assert len({*ids}) == len(ids)
    assert {each.attributes["href"] for each in page.all("a")} <= {f"#{each}" for each in ids}


def test_nothing_is_asked_of_a_network(page: Page) -> None:
    for each in page.elements:
        for name, value in each.attributes.items():
            if name in ("src", "href", "srcset", "action", "poster", "data", "xlink:href"):
                assert value.startswith(("data:", "#")), (each.tag, name)
            assert not name.startswith("on")
            assert name != "style"
    texts = "".join(each.text for each in page.all("style", "script"))
    assert not re.search(r"url\(|@import|https?:|fetch|XMLHttp|WebSocket|innerHTML|eval", texts)
    policy = next(each for each in page.all("meta") if "http-equiv" in each.attributes)
    assert policy.attributes["http-equiv"] == "Content-Security-Policy"
    assert policy.attributes["content"].startswith("default-src 'none'; img-src data:; style-src")
    assert "unsafe" not in policy.attributes["content"]


@pytest.mark.parametrize("text", NASTY)
def test_texts_of_users_are_texts(tmp_path: Path, text: str) -> None:
    nasty = RecordedRun(
        name=text,
        folder=tmp_path / "run",
        status="failed",
        reason=text,
        settings={text: text},
        seeds={text: text},
        versions={text: text},
        device=text,
        revision=text,
        program=[text],
        begun=[{"time": text}, {"changed": {text: text}}],
        parts={text: RecordedPart(type=text, contract=text)},
        summary=text,
        modes={text: "min"},
        judged_by=text,
        scores={text: curve([1.0, 2.0]), f"train_{text}": curve([2.0, 1.0])},
        collections={text: {text: curve([1.0])}},
        pictures={text: files(tmp_path, [png(20, 10)] * 2)},
        failures=[replace(FAILED, name=text, reason=text, kind=text)],
        warnings=[replace(WARNED, text=text)],
    )
    for runs in ([nasty], [nasty, replace(nasty, name="other", settings={text: "other"})]):
        read, plain = Page(html(runs)), Page(html([run()]))
        assert len(read.all("script")) == len(plain.all("script")) == 1
        assert {each.tag for each in read.elements} <= {*_KNOWN.split()}
        assert " ".join(text.split()) in read.all("body")[0].words
        labels = [each.attributes.get("aria-label", "") for each in read.all("svg")]
        assert any(text in label for label in labels)


_KNOWN = """
html head meta title link style script body a header div h1 h2 h3 h4 span p bdi dl dt dd svg rect main
section ul ol li pre code nav table caption thead tbody tr th td b figure figcaption path g circle text
img details summary label input footer
"""


def test_a_chart_says_what_its_curves_do() -> None:
    lost = run(scores={"val_loss": [4.0, float("nan"), 2.0, float("inf")]})
    chart = next(
        each for each in Page(html([lost])).all("svg") if "chart" in each.attributes["class"]
    )
    assert chart.attributes["aria-label"] == (
        "val_loss by epoch: first 4 (epoch 1), lowest 2 (epoch 3), highest 4 (epoch 1), "
        "last 2 (epoch 3), 2 values are NaN or infinite"
    )


def test_failures_and_warnings_are_told(tmp_path: Path) -> None:
    read = Page(html([full(tmp_path)]))
    told = read.text_of("trouble")
    assert "pdf plot 2 20 ValueError: no rows" in told
    assert "the rate is 0" in told
    assert "2 more warnings are in the record alone." in told
    first = read.all("section")[1].words
    assert "With care: 4 remarks" in first
    assert "1 result could not be computed: pdf" in first
    assert "3 warnings" in first


def test_the_command_that_makes_it_again(tmp_path: Path) -> None:
    told = Page(html([full(tmp_path)])).text_of("again")
    assert "git checkout 4f2a91c python train.py --name 'a b'" in told
    assert "this revision alone does not give the same run" in told
    assert "lr: 0.2" in told


def test_fifty_thousand_epochs_of_forty_scores_with_large_pictures_fit(tmp_path: Path) -> None:
    epochs = np.arange(1, 50_001)
    rng = np.random.default_rng(0)
    scores: dict[str, Curve] = {}
    for n in range(40):
        values = rng.normal(size=50_000)
        values[1234] = 1e6 + n
        scores[f"score_{n}"] = Curve(
            epochs=epochs,
            steps=epochs * 10,
            seconds=(epochs * 0.5).astype(np.float64),
            values=values,
        )
    noise = [png(900, 900, seed=n, is_noise=True) for n in range(3)]
    large = replace(
        run(),
        scores=scores,
        pictures={f"p{n}": files(tmp_path / str(n), noise) for n in range(3)},
        summary="x" * 1_000_000,
        reason="y" * 1_000_000,
        settings={f"key {n}": "z" * 5_000 for n in range(300)},
        failures=[replace(FAILED, reason="w" * 5_000)] * 5_000,
        collections={"many": {str(n): curve([1.0, 2.0]) for n in range(5_000)}},
    )
    made = html([large])
    assert len(made.encode()) <= MOST_BYTES
    read = Page(made)
    lines = [
        each for each in read.all("path") if each.attributes.get("class", "").startswith("line")
    ]
    of_scores = {each.attributes["data-label"]: each.attributes["data-values"] for each in lines}
    for n in range(40):
        assert f"{1e6 + n:.5g}" in of_scores[f"score_{n}"].split()
    assert "4,500 more keys are in the record alone." in read.text_of("collections")


def test_many_runs_with_many_words_and_pictures_fit_and_say_what_is_left_out(
    tmp_path: Path,
) -> None:
    failure = replace(FAILED, reason='"<' * 490)
    noise = files(tmp_path, [png(700, 500, is_noise=True)])
    runs = [
        replace(
            run(f"run {n}", {f"score {k}": [float(k), 1.0, 3.0] * 40 for k in range(60)}),
            warnings=[replace(WARNED, text='"' * 990)] * 200,
            failures=[failure] * 200,
            summary="x" * 20_000,
            settings={f"setting {k}": "v" * 300 for k in range(300)},
            pictures={"fit": noise},
        )
        for n in range(12)
    ]
    page = html(runs)
    assert len(page.encode()) <= MOST_BYTES
    for told in (
        "184 more failures",
        "184 more warnings",
        "250 more of them",
        " are drawn: of each",
    ):
        assert told in page


def test_all_points_are_said_to_be_drawn_only_where_they_are(tmp_path: Path) -> None:
    keys = {f"key {n}": curve([1.0, 2.0] * 600) for n in range(4)}
    of_collections = replace(
        run(scores={"loss": [1.0, float("nan"), 2.0]}), collections={"f1": keys}
    )
    assert "Every recorded point is drawn." in html([of_collections])
    long = replace(run(scores={"loss": [1.0, 2.0, 1.5] * 1000}), collections={"f1": keys})
    assert "Every recorded point is drawn." not in html([long])
    many = run(scores={f"score {n}": [1.0, 2.0] for n in range(230)})
    assert "Every recorded point is drawn. 31 more charts are left out." in html([many])


def test_times_that_are_none_and_changes_that_cannot_be_read_hurt_nothing() -> None:
    odd = replace(run(), began=1e300, ended=-1e300, begun=[{"changed": [1]}, {"changed": "x"}])
    read = Page(html([odd]))
    assert "Began" not in read.all("header")[0].words
    assert "It was begun 2 times" in read.text_of("again")


def test_a_page_is_the_same_each_time(tmp_path: Path) -> None:
    whole = full(tmp_path)
    assert html([whole]) == html([whole])
