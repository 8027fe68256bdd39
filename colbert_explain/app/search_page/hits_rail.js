// The hits, best first: name, score, best sentence, a mark per query word; choosing one shows why it scored so.
import { arrowKeys, bind, button, counted, element } from "../web/dom.js";
import { hitRow } from "./hit_row.js";

const SHOWN_AFTER = 300; // milliseconds that the keyboard rests on a row

/** Make the rail. `more()` asks for further hits. */
export function hitsRail({ model, bus, more }) {
  const title = element("h2", { className: "ce-hits-title", textContent: "Hits" });
  const missing = element("p", { className: "ce-hits-missing", role: "status" });
  const list = element("ol", { className: "ce-hits-list", "aria-label": "Hits" });
  const further = button("More hits", more, "ce-quiet");
  const node = element(
    "section",
    { className: "ce-hits", "aria-label": "Hits" },
    element("div", { className: "ce-hits-head" }, title, further),
    list,
    missing,
  );
  let rows = [];
  let asked = null; // the position that was chosen and is not on show yet
  let later = 0;
  let seen = null; // the position that was brought into view

  /** Scroll the list, not the page. */
  function bringIntoView(row) {
    const [inside, around] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
    if (inside.top < around.top) list.scrollTop += inside.top - around.top;
    else if (inside.bottom > around.bottom) list.scrollTop += inside.bottom - around.bottom;
    if (inside.left < around.left) list.scrollLeft += inside.left - around.left;
    else if (inside.right > around.right) list.scrollLeft += inside.right - around.right;
  }

  function take() {
    const { rows: hits = [], more: hasMore, missing: said } = model.get("hits");
    const isSame = rows.length === hits.length && hits.every((hit, k) => rows[k].id === hit.id);
    if (!isSame) {
      rows = hits.map((hit) => ({
        id: hit.id,
        row: hitRow({
          choose: () => choose(hit.position),
          point: (mark) => bus.point(mark === null ? null : pairOfMark(mark)),
          keydown: (event) => onKey(event, hit.position),
        }),
      }));
      list.replaceChildren(...rows.map(({ row }) => row.node));
      seen = null;
    }
    hits.forEach((hit, k) => {
      rows[k].position = hit.position;
      rows[k].row.show(hit, secondOf(hit.id), model.get("second").short);
    });
    title.textContent = hits.length ? counted(hits.length, "hit") : "Hits";
    further.hidden = !hasMore;
    missing.textContent = said ?? "";
    missing.hidden = !said;
    showChosen();
  }

  function takeHits() {
    asked = model.get("hits").position ?? null; // its picture is on its way
    take();
  }

  function takeResult() {
    asked = null;
    showChosen();
  }

  /** The rank of a document in the second ranking, or null without one. */
  function secondOf(id) {
    const { rows: compared } = model.get("second");
    return compared ? (compared.find((one) => one.id === id) ?? null) : null;
  }

  const shown = () => asked ?? model.get("result").position ?? 0;

  function showChosen() {
    for (const { position, row } of rows) {
      row.setShown(position === shown());
      if (position === shown() && position !== seen) bringIntoView(row.node);
    }
    seen = shown();
    light();
  }

  function choose(position) {
    clearTimeout(later);
    if (position === shown()) return;
    asked = position;
    showChosen();
    model.send({ event: "choose", position });
  }

  function onKey(event, position) {
    const here = rows.findIndex((one) => one.position === position);
    arrowKeys(event, here, rows.length, (to) => {
      rows[to].row.main.focus();
      clearTimeout(later);
      later = setTimeout(() => choose(rows[to].position), SHOWN_AFTER);
    });
  }

  // Marks are words in the order of the query; the rows of the grid may have another order.
  function rowsOfMarks() {
    const scored = [...bus.rows.keys()].filter((row) => bus.rows[row].scored);
    return scored.sort((a, b) => bus.rows[a].tokens[0] - bus.rows[b].tokens[0]);
  }

  const marksAreRows = () => rowsOfMarks().length === (model.get("hits").rows?.[0]?.marks.length ?? -1);
  const pairOfMark = (mark) => (marksAreRows() ? bus.pairOfRow(rowsOfMarks()[mark]) : null);

  function light() {
    const row = bus.shown?.row;
    const mark = row === undefined || row === null || !marksAreRows() ? -1 : rowsOfMarks().indexOf(row);
    for (const one of rows) one.row.light(mark < 0 ? null : mark);
  }

  const offBus = bus.onChange(light);
  const unbind = bind(model, { hits: takeHits, second: take, result: takeResult });

  return {
    node,
    destroy() {
      clearTimeout(later);
      offBus();
      unbind();
    },
  };
}
