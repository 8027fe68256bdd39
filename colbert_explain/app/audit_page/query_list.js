// The queries, lost ones first: text, rank of the right document, measure, cause; sorted as the reader likes.
import { sorted, sortHead } from "../sections/table.js";
import { arrowKeys, bind, button, counted, decimal, element, inWords, keepKeys } from "../web/dom.js";

const PAGE = 100; // rows that are made at a time
const SHOWN_AFTER = 300; // milliseconds that the keyboard rests on a row
const FOUND = "found";

/** Make the list. `filter(name)` lists the queries of a cause only, all for null. */
export function queryList({ model }) {
  const title = element("h2", { className: "ce-queries-title" });
  const head = element("tr");
  const body = element("tbody");
  const table = element("table", {}, element("thead", {}, head), body);
  const more = button("", () => draw(count + PAGE), "ce-quiet");
  const note = element("p", { className: "ce-muted" });
  const none = element("p", { className: "ce-muted", textContent: "No query contains all these words." });
  const field = element("input", {
    type: "search",
    className: "ce-queries-filter",
    placeholder: "Filter by words",
    "aria-label": "Filter the queries by words",
    autocomplete: "off",
    dir: "auto",
  });
  const place = element("div", { className: "ce-queries-scroll", tabIndex: -1 }, table, more, none, note);
  const node = element(
    "section",
    { className: "ce-queries", "aria-label": "Queries" },
    element("div", { className: "ce-queries-head" }, title, field),
    place,
  );
  let cause = null;
  let order = null; // { key, down }; null is the order of Python: lost first, the worst first
  let rows = [];
  let count = PAGE;
  let asked = null; // the query that was chosen and is not on show yet
  let later = 0;
  let seen = null;

  const shown = () => asked ?? model.get("chosen").id;

  function take() {
    const { rows: given = [], n_left_out: left = 0 } = model.get("audit");
    const words = field.value.toLowerCase().split(/\s+/);
    const hasWords = ({ query }) => words.every((word) => query.toLowerCase().includes(word));
    rows = sorted(
      given.filter((row) => (cause === null || row.cause === cause) && hasWords(row)),
      order,
    );
    const lost = rows.filter((row) => !row.is_found).length;
    title.textContent =
      cause === null
        ? `${counted(rows.length, "query", "queries")}, ${inWords(lost)} lost`
        : `${inWords(rows.length)}: ${cause}`;
    none.hidden = rows.length > 0 || !given.length;
    note.hidden = !left;
    note.textContent = `Not listed: ${counted(left, "query", "queries")} with the highest ${model.get("audit").listed}.`;
    heading();
    draw(PAGE);
  }

  function heading() {
    const { listed = "" } = model.get("audit");
    const columns = [
      ["query", "Query", false],
      ["rank", "Rank", true],
      ["value", listed, true],
      ["cause", "Cause", false],
    ];
    head.replaceChildren(
      ...columns.map(([key, text, isNumber]) =>
        sortHead({ key, text, className: isNumber ? "ce-queries-number" : "", order }, () => sortBy(key)),
      ),
    );
  }

  /** The third press gives the first order again. */
  function sortBy(key) {
    order = order?.key !== key ? { key, down: false } : order.down ? null : { key, down: true };
    take();
    head.querySelector(`[data-key="${key}"]`).focus();
  }

  function draw(n) {
    count = n;
    body.replaceChildren(...rows.slice(0, count).map(line));
    const rest = rows.length - count;
    more.hidden = rest <= 0;
    more.textContent = `${inWords(Math.max(rest, 0))} more`;
    seen = null;
    showChosen();
  }

  function line(row, index) {
    const open = button(row.query, () => choose(row.id), "ce-queries-open");
    open.dir = "auto";
    open.dataset.id = row.id;
    open.addEventListener("keydown", (event) =>
      arrowKeys(event, index, Math.min(count, rows.length), (to) => {
        body.children[to].querySelector("button").focus();
        clearTimeout(later);
        later = setTimeout(() => choose(rows[to].id), SHOWN_AFTER);
      }),
    );
    const cause = row.is_found ? FOUND : (row.cause ?? "…");
    return element(
      "tr",
      { className: row.is_found ? "" : "ce-queries-lost" },
      element("th", { scope: "row", title: row.query }, open),
      element("td", { className: "ce-queries-number", textContent: row.rank === null ? "–" : inWords(row.rank) }),
      element("td", { className: "ce-queries-number", textContent: decimal(row.value) }),
      element("td", { className: "ce-queries-cause", textContent: cause }),
    );
  }

  function choose(id) {
    clearTimeout(later);
    if (id === shown()) return;
    asked = id;
    showChosen();
    model.send({ event: "choose_query", id });
  }

  function showChosen() {
    const id = shown();
    for (const line of body.children) {
      const open = line.querySelector("button");
      const isShown = open.dataset.id === id;
      line.classList.toggle("ce-queries-shown", isShown);
      if (isShown) open.setAttribute("aria-current", "true");
      else open.removeAttribute("aria-current");
      if (isShown && seen !== id) bringIntoView(line);
    }
    seen = id;
  }

  /** Scroll the list, not the page. */
  function bringIntoView(line) {
    const [inside, around] = [line.getBoundingClientRect(), place.getBoundingClientRect()];
    const top = around.top + head.offsetHeight;
    if (inside.top < top) place.scrollTop += inside.top - top;
    else if (inside.bottom > around.bottom) place.scrollTop += inside.bottom - around.bottom;
  }

  field.addEventListener("input", take);
  keepKeys(field);
  const unbind = bind(model, {
    audit: take,
    chosen() {
      asked = null;
      showChosen();
    },
  });
  return {
    node,
    filter(name) {
      cause = name;
      take();
      if (name !== null && rows.length && !rows.some(({ id }) => id === shown())) choose(rows[0].id);
    },
    destroy() {
      clearTimeout(later);
      unbind();
    },
  };
}
