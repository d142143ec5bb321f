"use strict";
/* Nothing here is needed to read the page: values under the pointer, lines that can be hidden, tables that can be sorted. */
const numbers = (text) => (text ? text.split(" ").map(Number) : []);

for (const figure of document.querySelectorAll("figure[data-chart]")) {
  const svg = figure.querySelector("svg.chart");
  const readout = figure.querySelector(".readout");
  const lines = [...svg.querySelectorAll(".line")].map((path) => ({
    path,
    group: path.parentNode,
    at: numbers(path.dataset.at),
    values: path.dataset.values.split(" "),
    label: path.dataset.label,
  }));
  const low = Number(svg.dataset.low), high = Number(svg.dataset.high);
  const left = Number(svg.dataset.left), inner = Number(svg.dataset.inner), width = svg.viewBox.baseVal.width;
  const cursor = svg.querySelector(".cursor");
  const nearest = (line, wanted) => {
    let a = 0, b = line.at.length - 1;
    while (b - a > 1) { const m = (a + b) >> 1; if (line.at[m] < wanted) a = m; else b = m; }
    return Math.abs(line.at[a] - wanted) <= Math.abs(line.at[b] - wanted) ? a : b;
  };
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width * width - left) / inner;
    const wanted = low + Math.min(1, Math.max(0, share)) * (high - low);
    const shown = lines.filter((line) => line.at.length && !line.group.hasAttribute("hidden"));
    if (!shown.length) return;
    const spots = shown.map((line) => [line, nearest(line, wanted)]);
    const at = spots.map(([line, i]) => line.at[i]).reduce((a, b) => Math.abs(a - wanted) <= Math.abs(b - wanted) ? a : b);
    const x = left + (at - low) / ((high - low) || 1) * inner;
    cursor.setAttribute("d", `M${x.toFixed(1)} 12V194`);
    readout.textContent = `${svg.dataset.unit} ${at}: ` + spots.map(([line, i]) =>
      (lines.length > 1 ? line.label + " " : "") + line.values[i] + (line.at[i] === at ? "" : ` (${svg.dataset.unit} ${line.at[i]})`)).join(", ");
  });
  svg.addEventListener("pointerleave", () => { cursor.setAttribute("d", ""); readout.textContent = ""; });
}

const hide = (keys, groups) => {
  for (const item of keys) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...item.childNodes);
    button.setAttribute("aria-pressed", "true");
    button.title = "hide or show";
    item.append(button);
    button.addEventListener("click", () => {
      const isShown = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(isShown));
      for (const group of groups(item)) group.toggleAttribute("hidden", !isShown);
    });
  }
};
for (const figure of document.querySelectorAll("figure[data-chart]")) {
  hide(figure.querySelectorAll(".keys li"), (item) => figure.querySelectorAll(`g[data-key="${item.dataset.key}"]`));
}
hide(document.querySelectorAll(".of-runs li"), (item) => document.querySelectorAll(`g[data-run="${item.dataset.run}"]`));

const filter = document.querySelector(".filter");
if (filter) {
  filter.hidden = false;
  filter.querySelector("input").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(" ").filter(Boolean);
    for (const figure of document.querySelectorAll("figure[data-chart]")) {
      const text = figure.dataset.chart.toLowerCase();
      figure.hidden = !words.every((word) => text.includes(word));
    }
  });
}

for (const table of document.querySelectorAll("table[data-sorts]")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const isUp = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", isUp ? "ascending" : "descending");
      const value = (row) => {
        const cell = row.cells[column], text = cell.textContent.trim();
        const found = parseFloat(cell.dataset.by ?? text.replace(/,/g, ""));
        return Number.isNaN(found) ? text : found;
      };
      const order = (a, b) => (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1);
      const body = table.tBodies[0];
      const rows = [...body.rows].sort((a, b) => order(value(a), value(b)) * (isUp ? 1 : -1));
      body.append(...rows);
    });
  });
}
