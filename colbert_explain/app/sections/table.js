// What each query word adds, as a table that can be sorted and copied.

import { button, copyText, decimal, element, scrollRegion, tableOf } from "../web/dom.js";

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
  const place = scrollRegion("ce-table-scroll", "Contributions");
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
    place.replaceChildren(tableOf(head, sorted(rows, order).map(line), [element("tr", {}, ...foot)]));
  }

  function heading({ key, heading: text, number }) {
    return sortHead({ key, text, className: number ? "ce-table-number" : "", order }, () => {
      // Numbers begin with the largest; the third press gives the order of the text.
      order = order?.key !== key ? { key, down: number } : order.down === number ? { key, down: !number } : null;
      write();
      place.querySelector(`[data-key="${key}"]`).focus();
    });
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

/** Make the head of a column that a press sorts by; `order`, { key, down } or null, is that of the rows. */
export function sortHead({ key, text, className, order }, onPress) {
  const sort = button(text, onPress, "ce-quiet", { dataset: { key } });
  const head = element("th", { scope: "col", className }, sort);
  if (order?.key === key) {
    head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    sort.append(element("span", { "aria-hidden": "true", textContent: order.down ? " ▾" : " ▴" }));
  }
  return head;
}

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
