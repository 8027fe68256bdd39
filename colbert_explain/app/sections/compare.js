// Two documents of the ranking, or a kept explanation and the one on show, compared word by word.

import {
  button,
  decimal,
  element,
  emphasised,
  labelled,
  muted,
  option,
  scrollRegion,
  shortened,
  shortenedInside,
  signed,
  tableOf,
} from "../web/dom.js";

const KEPT = -1; // stands for the kept explanation where documents have their positions
const NAMED = 60; // characters of a name
const HEADING = 28; // characters of a name above a column

/** Compare two.
 *
 * Sends `compare` with `first` and `second`, positions of documents or -1 for the kept explanation; `keep` and
 * `clear_kept`. Data are those of `comparison` (sections/comparison.py), with the two chosen as `first` and `second`,
 * and `kept`, the name of the kept explanation or null. */
export function comparison({ model }) {
  const selects = [element("select"), element("select")];
  const keep = button("Keep this explanation", () => model.send({ event: "keep" }));
  const clear = button("Clear", () => model.send({ event: "clear_kept" }), "ce-quiet");
  const kept = element("p", { className: "ce-compare-kept ce-muted" });
  const choice = element(
    "div",
    { className: "ce-compare-choice" },
    labelled("Compare", selects[0], "ce-compare-field"),
    labelled("with", selects[1], "ce-compare-field"),
  );
  const sentence = element("p", { className: "ce-compare-sentence", dir: "ltr" });
  const body = scrollRegion("ce-compare-scroll", "Differences by query word");
  const node = element(
    "div",
    { className: "ce-compare" },
    choice,
    sentence,
    body,
    element("div", { className: "ce-compare-keep" }, keep, clear, kept),
  );

  for (const select of selects) {
    select.addEventListener("change", () => {
      const [first, second] = selects.map(({ value }) => Number(value));
      if (first !== second) model.send({ event: "compare", first, second });
    });
  }

  function draw(data) {
    if (!data) return;
    const { documents = [], position, name } = model.get("result");
    const ranked =
      documents.length > 1
        ? documents.map((one) => [one.position, `${one.rank}. ${shortened(one.name, NAMED)}`])
        : [[position, shortened(name, NAMED)]];
    const choices = data.kept ? [...ranked, [KEPT, `Kept: ${shortened(data.kept, NAMED)}`]] : ranked;
    choice.hidden = choices.length < 2;
    ["first", "second"].forEach((side, k) => {
      selects[k].replaceChildren(...choices.map(([value, text]) => option(value, text)));
      selects[k].value = String(data[side] ?? "");
    });
    for (const [k, select] of selects.entries()) {
      for (const entry of select.options) entry.disabled = entry.value === selects[1 - k].value;
    }
    sentence.replaceChildren(...(data.note ? [data.note] : emphasised(data.sentence_parts ?? [])));
    sentence.hidden = !sentence.hasChildNodes();
    body.hidden = !data.rows?.length;
    body.replaceChildren(...(data.rows?.length ? [chart(data)] : []));
    keep.textContent = data.kept ? "Replace with this one" : "Keep this explanation";
    clear.hidden = !data.kept;
    kept.textContent = data.kept ? `Kept: ${data.kept}` : "Keep this result to compare it with a later one.";
  }

  return { name: "compare", title: "Compare two", node, draw };
}

function chart({ names, scores, difference, scale, rows }) {
  const begins = names.map((name) => shortened(name, HEADING));
  const cut = begins[0] === begins[1] ? shortenedInside : shortened; // such names differ at their ends
  const name = (k) => element("bdi", { textContent: cut(names[k], HEADING) });
  const heading = (className, ...texts) => element("th", { scope: "col", className }, ...texts);
  const head = element(
    "tr",
    {},
    heading("", "Query word"),
    heading("ce-compare-first", name(0)),
    heading("ce-compare-bars", "◂ adds more | adds more ▸"),
    heading("", name(1)),
    heading("ce-compare-number", "Difference"),
  );
  const foot = element(
    "tr",
    {},
    element("th", { scope: "row", textContent: "Score" }),
    element("td", { className: "ce-compare-first" }, element("strong", { textContent: decimal(scores[0]) })),
    element("td", { className: "ce-compare-bars" }),
    element("td", {}, element("strong", { textContent: decimal(scores[1]) })),
    element("td", { className: "ce-compare-number" }, element("strong", { textContent: signed(difference) })),
  );
  const sorted = rows.toSorted((a, b) => a.place - b.place);
  return tableOf(
    head,
    sorted.map((row) => line(row, scale)),
    [foot],
  );
}

function line({ name, first, second, difference }, scale) {
  const match = ({ match: text, value }, className) =>
    element("td", { className }, element("bdi", { textContent: text }), muted(` ${decimal(value)}`));
  const bar = element("span", {
    className: `ce-compare-bar ${difference < 0 ? "ce-compare-right" : "ce-compare-left"}`,
  });
  bar.style.width = `${(50 * Math.abs(difference)) / scale}%`;
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, element("bdi", { textContent: name })),
    match(first, "ce-compare-first"),
    element(
      "td",
      { className: "ce-compare-bars" },
      element("span", { className: "ce-compare-meter", "aria-hidden": "true" }, bar),
    ),
    match(second, ""),
    element("td", { className: "ce-compare-number", textContent: signed(difference) }),
  );
}
