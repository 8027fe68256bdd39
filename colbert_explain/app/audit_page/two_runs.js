// Two runs compared: differences with their errors, and the queries for which one of them is better.
import { bind, button, counted, decimal, element, inWords, scrollRegion, signed, tableOf } from "../web/dom.js";

const PAGE = 20; // rows of a list that are made at a time

/** Make the panel; it is hidden while there is no second run. */
export function twoRuns({ model }) {
  const title = element("h2", {});
  const notes = element("p", { className: "ce-muted" });
  const place = scrollRegion("ce-runs-scroll", "Measures of two runs");
  const lists = element("div", { className: "ce-runs-lists" });
  const node = element("section", { className: "ce-runs", "aria-label": "Two runs" }, title, place, notes, lists);

  function show() {
    const { measures, first, second, lists: found, notes: odd = [], listed } = model.get("comparison");
    node.hidden = !measures;
    if (!measures) return;
    title.textContent = `${first} compared with ${second}`;
    notes.textContent = [
      "Difference: the first minus the second, with its standard error and an interval that would contain the true " +
        "difference for 95% of samples of queries drawn in the same way.",
      ...odd,
    ].join(" ");
    const names = ["Measure", first, second, "Difference", "95% interval", "Better", "Worse", "Equal"];
    const heads = names.map((textContent, k) =>
      element("th", { scope: "col", textContent, className: k ? "ce-runs-number" : "" }),
    );
    place.replaceChildren(tableOf(element("tr", {}, ...heads), measures.map(measure)));
    lists.replaceChildren(...found.map((one) => listOf(one, listed)));
  }

  function measure(row) {
    const number = (text) => element("td", { className: "ce-runs-number", textContent: text });
    const error = row.standard_error === null ? "" : ` ± ${decimal(row.standard_error, 3)}`;
    const interval = row.low === null ? "–" : `${signed(row.low, 3)} to ${signed(row.high, 3)}`;
    return element(
      "tr",
      {},
      element("th", { scope: "row", textContent: row.name }),
      number(decimal(row.first, 3)),
      number(decimal(row.second, 3)),
      number(`${signed(row.difference, 3)}${error}`),
      number(interval),
      ...[row.won, row.lost, row.equal].map((n) => number(inWords(n))),
    );
  }

  function listOf({ name, title: said, count, rows }, listed) {
    const body = element("ol", {});
    const more = button("", () => fill(shown + PAGE), "ce-quiet");
    let shown = 0;
    function fill(n) {
      body.append(...rows.slice(shown, n).map((row) => line(row, listed)));
      shown = Math.min(n, rows.length);
      more.hidden = shown >= rows.length;
      more.textContent = `${inWords(rows.length - shown)} more`;
    }
    fill(PAGE);
    return element(
      "details",
      { className: "ce-runs-list", open: name !== "equal" && count > 0 },
      element("summary", { textContent: `${said}: ${counted(count, "query", "queries")}` }),
      body,
      more,
    );
  }

  function line({ id, query, difference, first, second, why }, listed) {
    const open = button(
      query,
      () => {
        model.send({ event: "choose_query", id });
        document.querySelector(".ce-audit-page .ce-result")?.scrollIntoView({ block: "nearest" });
      },
      "ce-quiet",
    );
    open.dir = "auto";
    const ranks =
      `${listed} ${signed(difference)}; rank of the right document: ` +
      `${first ?? "none"} in the first run, ${second ?? "none"} in the second.`;
    return element(
      "li",
      {},
      open,
      element("span", { className: "ce-runs-ranks", textContent: ranks }),
      element("span", { className: "ce-runs-why", dir: "auto", textContent: why }),
    );
  }

  return { node, destroy: bind(model, { comparison: show }) };
}
