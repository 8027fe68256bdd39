// What would change the order of the two documents: re-encoded without or with some words, or another query.
import { bind, button, element, freshId, inWords, keepKeys } from "../web/dom.js";
import { withinDepth } from "./depth.js";

/** Make the part; the reader's own query is sent as `reword`. */
export function queryChanges({ model }) {
  const status = element("span", { className: "ce-muted", role: "status" });
  const list = element("ul", { className: "ce-changes-list" });
  const problem = element("p", { className: "ce-problem", role: "alert" });
  const field = element("input", { type: "text", id: freshId("reword"), autocomplete: "off", dir: "auto" });
  const label = element("label", { htmlFor: field.id, textContent: "Try another query" });
  const form = element(
    "div",
    { className: "ce-changes-form" },
    label,
    field,
    button("Try", () => ask(), "ce-primary"),
  );
  const result = element("p", { className: "ce-changes-result", role: "status", dir: "auto" });
  const legend = element("span", { className: "ce-muted" });
  const title = element(
    "summary",
    {},
    element("span", { textContent: "What would change the rank" }),
    " ",
    legend,
    status,
  );
  const node = element("details", { className: "ce-changes", open: true }, title, form, problem, result, list);
  let query = null; // for which the field was filled

  function show() {
    const { has_pair: hasPair, rows = [], note = "", reworded, asking, busy, status: text = "" } = model.get("changes");
    node.hidden = !hasPair;
    status.textContent = busy && !asking ? text : "";
    legend.textContent = `Rank of the right document before → after; ✓ found ${withinDepth(model.get("chosen").k)}. `;
    const lines = rows.map(line);
    if (note && !busy) lines.push(element("li", { className: "ce-muted", textContent: note }));
    result.hidden = !reworded && !asking;
    result.classList.toggle("ce-changes-helps", Boolean(reworded?.is_found) && !asking);
    if (asking) result.textContent = text;
    else if (reworded) result.replaceChildren(element("strong", { textContent: outcome(reworded) }), reworded.sentence);
    list.replaceChildren(...lines);
    problem.textContent = model.get("changes").problem ?? "";
  }

  /** Say what the reader's own query does to the rank of the right document. */
  function outcome(change) {
    const total = inWords(model.get("collection").open?.documents ?? 0);
    return `Rank ${moved(change)} of ${total}: ${change.is_found ? "✓ found" : "not found"}. `; // how deep, the title says
  }

  const moved = ({ rank, rank_before: before }) => `${inWords(before)} → ${inWords(rank)}`;

  function line(change) {
    const mark = element("span", {
      className: "ce-changes-mark",
      ariaHidden: "true",
      textContent: change.is_found ? "✓" : "–",
    });
    return element(
      "li",
      { className: change.is_found ? "ce-changes-helps" : "" },
      mark,
      element("span", { className: "ce-unseen", textContent: change.is_found ? "Found: " : "Not found: " }),
      element("span", { className: "ce-changes-ranks", textContent: moved(change) }),
      element("span", { dir: "auto", textContent: change.sentence }),
    );
  }

  function fill() {
    const { id, query: text = "" } = model.get("chosen");
    if (id === query) return;
    query = id;
    field.value = text;
  }

  function ask() {
    model.send({ event: "reword", query: field.value });
  }

  field.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && ask());
  keepKeys(form);
  return { node, destroy: bind(model, { changes: show, chosen: fill }) };
}
