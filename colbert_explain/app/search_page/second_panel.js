// The second ranking beside the hits: both ranks of each document, and why they differ.
import { bind, button, decimal, element } from "../web/dom.js";

/** Make the panel; it is hidden while there is no second ranking. */
export function secondPanel({ model }) {
  const title = element("h2", {});
  const sentence = element("p", { className: "ce-second-sentence" });
  const place = element("div", {
    className: "ce-second-scroll",
    tabIndex: 0,
    role: "region",
    "aria-label": "Two rankings",
  });
  const node = element("section", { className: "ce-second", "aria-label": "Second ranking" }, title, sentence, place);

  function show() {
    const { rows, name, sentence: said } = model.get("second");
    node.hidden = !rows;
    if (!rows) return;
    title.textContent = `Compared with ${name}`;
    sentence.textContent = said;
    const head = ["Rank", "Rank there", "Document", "Score", "Score there", "Why"].map((text, k) =>
      element("th", { scope: "col", textContent: text, className: k === 2 || k === 5 ? "" : "ce-second-number" }),
    );
    place.replaceChildren(
      element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows.map(line))),
    );
  }

  function line(row) {
    const document =
      row.position === null
        ? element("bdi", { textContent: row.name })
        : button(row.name, () => model.send({ event: "choose", position: row.position }), "ce-quiet");
    document.dir = "auto";
    const moved = row.first !== null && row.second !== null && row.first !== row.second;
    const arrow = moved ? (row.second < row.first ? " ▲" : " ▼") : "";
    const number = (text) => element("td", { className: "ce-second-number", textContent: text });
    return element(
      "tr",
      { className: row.first === row.second ? "" : "ce-second-moved" },
      number(row.first ?? "–"),
      number(`${row.second ?? "–"}${arrow}`),
      element("th", { scope: "row" }, document),
      number(row.first_score === null ? "" : decimal(row.first_score)),
      number(row.second_score === null ? "" : decimal(row.second_score)),
      element("td", { textContent: row.why }),
    );
  }

  return { node, destroy: bind(model, { second: show }) };
}
