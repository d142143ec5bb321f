"""The page in a headless Chromium: no error, no request, readable for everyone."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from artifact_torch.report.page import html
from artifact_torch.run_folder.recorded_run import RecordedRun
from tests.report.browser import axe, browser, opened
from tests.report.made import curve, files, png, run

pytestmark = pytest.mark.skipif(
    browser() is None, reason="no Chromium is here: apt-get install chromium, or Chrome"
)
needs_axe = pytest.mark.skipif(
    axe() is None, reason="axe-core is not here: pip install 'artifact-torch[browser]'"
)


def shown(folder: Path, name: str) -> RecordedRun:
    return replace(
        run(name),
        folder=folder,
        collections={"f1": {"cat": curve([0.1, 0.2]), "dog": curve([0.3, float("nan")])}},
        pictures={"fit": files(folder / name, [png(200, 100, seed=n) for n in range(12)])},
        settings={"note": "<script>alert(1)</script>", "lr": 0.1},
        program=["train.py"],
        summary="Net: 41 parameters",
    )


def pages(folder: Path) -> dict[str, Sequence[RecordedRun]]:
    many = run(scores={f"score {n}": [1.0, 2.0, 1.5] for n in range(12)})
    failed = replace(run(), status="failed", reason="interrupted by ValueError: x")
    return {
        "one": [shown(folder, "vae")],
        "two": [shown(folder, "vae"), shown(folder, "gan")],
        "failed": [failed],
        "nothing": [RecordedRun(name="empty")],
        "many": [many],
    }


@pytest.mark.parametrize("which", ["one", "two", "failed", "nothing", "many"])
def test_it_opens_without_an_error_and_asks_for_nothing(tmp_path: Path, which: str) -> None:
    seen = opened(html(pages(tmp_path)[which]))
    assert "</html>" in seen.dom
    assert seen.console == []
    assert seen.asked == ["/report.html"]


def test_what_would_ask_or_fail_is_noticed() -> None:
    page = html([run()])
    policy = page[page.index("<meta http-equiv") : page.index('<meta name="viewport"')]
    asking = '<img alt="x" src="http://example.com/there.png"><script>console.error("no")</script>'
    inside = page.replace("</body>", f"{asking}</body>")
    free = opened(inside.replace(policy, ""))
    assert [*free.asked] == ["/report.html", "/there.png"]
    assert any('"no"' in line for line in free.console)
    kept = opened(inside)
    assert [*kept.asked] == ["/report.html"]  # the policy of the page forbids it
    assert sum("Content Security Policy" in line for line in kept.console) == 2


AXE = """
    const found = await axe.run(document);
    return {
        violations: found.violations.map((each) => [each.id, each.nodes.map((node) => node.html)]),
        passes: found.passes.map((each) => each.id),
        dark: matchMedia("(prefers-color-scheme: dark)").matches,
        overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    };
"""


@needs_axe
@pytest.mark.parametrize(
    ("which", "dark", "width"),
    [("one", False, 1280), ("one", True, 1280), ("one", False, 500), ("two", False, 1280)],
)
def test_everyone_can_read_it(tmp_path: Path, which: str, width: int, *, dark: bool) -> None:
    found = opened(html(pages(tmp_path)[which]), dark=dark, width=width, script=AXE).told()
    assert found["violations"] == []
    assert "color-contrast" in str(found["passes"])
    assert "svg-img-alt" in str(found["passes"])
    assert found["dark"] is dark
    assert found["overflow"] == 0


@needs_axe
def test_what_cannot_be_read_is_noticed() -> None:
    faint = html([run()]).replace("--ink: #1b2026", "--ink: #c0c0c0")
    found = opened(faint, script=AXE).told()
    assert "color-contrast" in str(found["violations"])


ACTING = """
    const wait = () => new Promise((resolve) => setTimeout(resolve, 50));
    const figure = document.querySelector("figure[data-chart]");
    const svg = figure.querySelector("svg.chart"), box = svg.getBoundingClientRect();
    const move = (x) => svg.dispatchEvent(new PointerEvent("pointermove", {
        clientX: box.left + box.width * x / 420, clientY: box.top + 50, bubbles: true }));
    const readout = figure.querySelector(".readout");
    move(56); const first = readout.textContent;
    move(408); const last = readout.textContent;
    svg.dispatchEvent(new PointerEvent("pointerleave")); const none = readout.textContent;
    const [training, validation] = figure.querySelectorAll(".keys button");
    training.click(); move(408); const one = readout.textContent;
    const hidden = [...figure.querySelectorAll("g")].map((each) => getComputedStyle(each).display);
    training.click();
    const table = document.querySelector("#scores table");
    const names = () => [...table.tBodies[0].rows].map((row) => row.cells[0].textContent.trim());
    const before = names(); table.tHead.rows[0].cells[0].querySelector("button").click();
    const up = names(); table.tHead.rows[0].cells[0].querySelector("button").click();
    await wait();
    return { first, last, none, one, hidden, before, up, down: names(),
        sorted: table.tHead.rows[0].cells[0].getAttribute("aria-sort") };
"""


def test_values_under_the_pointer_lines_that_hide_and_tables_that_sort() -> None:
    found = opened(
        html([run(scores={"train_loss": [3, 2, 1], "val_loss": [4, 2, 2.5]})]), script=ACTING
    )
    told = found.told()
    assert found.console == []
    assert told["first"] == "epoch 1: train_loss 3, val_loss 4"
    assert told["last"] == "epoch 3: train_loss 1, val_loss 2.5"
    assert told["none"] == ""
    assert told["one"] == "epoch 3: val_loss 2.5"
    assert told["hidden"] == ["none", "inline"]
    decides = "val_lossdecides which epoch is the best"
    assert told["before"] == [decides, "train_loss"]
    assert told["up"] == ["train_loss", decides]
    assert told["down"] == [decides, "train_loss"]
    assert told["sorted"] == "descending"


SORT = """
    const table = document.querySelector("#runs table"), rows = [...table.tBodies[0].rows];
    const names = () => [...table.tBodies[0].rows].map((row) => row.cells[0].textContent);
    const by = (n) => { table.tHead.rows[0].cells[n].querySelector("button").click(); return names(); };
    return { began: by(3), took: by(4) };
"""


def test_times_are_sorted_as_times() -> None:
    of = {"short": (12.0, 3e8), "long": (7200.0, 2e8), "middle": (190.0, 2.5e8)}
    runs = [
        replace(run(name), seconds={"training": took}, began=began)
        for name, (took, began) in of.items()
    ]
    told = opened(html(runs), script=SORT).told()
    assert told["began"] == ["long", "middle", "short"]
    assert told["took"] == ["short", "middle", "long"]


FILTER = """
    const input = document.querySelector(".filter input");
    const shown = () => [...document.querySelectorAll("figure[data-chart]")]
        .filter((each) => !each.hidden).map((each) => each.querySelector("h3").textContent);
    const before = shown().length;
    input.value = "score 11"; input.dispatchEvent(new Event("input"));
    return { visible: getComputedStyle(document.querySelector(".filter")).display, before, after: shown() };
"""


def test_many_curves_can_be_looked_for(tmp_path: Path) -> None:
    told = opened(html(pages(tmp_path)["many"]), script=FILTER).told()
    assert told == {"visible": "block", "before": 13, "after": ["score 11"]}
