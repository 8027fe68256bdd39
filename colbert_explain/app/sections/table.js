// What each query word adds, as a table that can be sorted and copied.

import { button, copyText, decimal, element } from "../web/dom.js";

// The beginnings of formulas in a spreadsheet, which may divide cells at semicolons and tabs (as in text_files).
const FORMULA = /(?:^|(?<=[;\t]))(?='*[=+\-@\t\r\n＝＋－＠])/g;

/** Tabulate contributions; pointing at a row points at its pair. */
export function table({ bus }) {
  const copied = element("span", { className: "ce-muted", role: "status" });
  const copy = button("Copy as CSV", async () => {
    copied.textContent = (await copyText(csvOf(columns, sorted(rows, order))))
      ? "Copied."
      : "The browser doesn't allow copying here.";
  });
  const place = element("div", {
    className: "ce-table-scroll",
    tabIndex: 0,
    role: "region",
    "aria-label": "Contributions",
  });
  const node = element(
    "div",
    { className: "ce-table" },
    place,
    element("div", { className: "ce-table-actions" }, copy, copied),
  );

  let columns = [];
  let rows = [];
  let score = 0;
  let order = null; // { key, down }; null is the order of the text

  function draw(data) {
    if (!data) return;
    ({ columns, rows, sum: score } = data);
    if (order && !columns.some(({ key }) => key === order.key)) order = null;
    copied.textContent = "";
    write();
  }

  function write() {
    const head = element("tr", {}, ...columns.map(heading));
    const foot = columns.map(({ key, number }, k) =>
      k === 0
        ? element("th", { scope: "row", textContent: "Score" })
        : cell(key === "adds" ? score : null, key, number),
    );
    place.replaceChildren(
      element(
        "table",
        {},
        element("thead", {}, head),
        element("tbody", {}, ...sorted(rows, order).map(line)),
        element("tfoot", {}, element("tr", {}, ...foot)),
      ),
    );
  }

  function heading({ key, heading: text, number }) {
    const isSorted = order?.key === key;
    const sort = button(
      text,
      () => {
        // Numbers begin with the largest; the third press gives the order of the text.
        order = !isSorted ? { key, down: number } : order.down === number ? { key, down: !number } : null;
        write();
        place.querySelector(`[data-key="${key}"]`).focus();
      },
      "ce-quiet",
    );
    sort.dataset.key = key;
    const head = element("th", { scope: "col", className: number ? "ce-table-number" : "" }, sort);
    if (isSorted) {
      head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      sort.append(element("span", { "aria-hidden": "true", textContent: order.down ? " ▾" : " ▴" }));
    }
    return head;
  }

  function line(row) {
    const tr = element(
      "tr",
      { className: row.adds === null ? "ce-table-unscored" : "" },
      ...columns.map(({ key, number }, k) =>
        k === 0
          ? element("th", { scope: "row" }, element("bdi", { textContent: row[key] }))
          : cell(row[key], key, number),
      ),
    );
    tr.addEventListener("pointerenter", () => bus.point(pairOf(row)));
    tr.addEventListener("pointerleave", () => bus.point(null));
    tr.addEventListener("click", () => {
      const pair = pairOf(row);
      if (pair) bus.pin(pair);
    });
    return tr;
  }

  function pairOf({ tokens }) {
    const row = bus.rows.findIndex((one) => one.tokens[0] === tokens[0] && one.tokens.length === tokens.length);
    return row < 0 ? null : bus.pairOfRow(row);
  }

  return { name: "table", title: "Table", node, draw };
}

function cell(value, key, number) {
  const text = value === null ? "" : number ? cellText(value, key) : value;
  return number
    ? element("td", { className: "ce-table-number", textContent: text })
    : element("td", {}, element("bdi", { textContent: text }));
}

const cellText = (value, key) => (key === "share" ? `${decimal(100 * value, 1)}%` : decimal(value, 4));

/** Sort rows by a column; those without a value come last, equals in the order of the text. */
export function sorted(rows, order) {
  if (!order) return rows;
  const { key, down } = order;
  return rows.toSorted((a, b) => {
    const [one, other] = [a[key], b[key]];
    if (one === null || other === null) return (one === null) - (other === null);
    const by = typeof one === "number" ? one - other : one.localeCompare(other);
    return down ? -by : by;
  });
}

/** Write rows as CSV in which no text is a formula. */
export function csvOf(columns, rows) {
  const field = (value) => {
    if (value === null) return "";
    if (typeof value === "number") return String(value);
    const text = value.replace(FORMULA, "'");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [
    columns.map(({ heading }) => field(heading)),
    ...rows.map((row) => columns.map(({ key }) => field(row[key]))),
  ];
  return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}
