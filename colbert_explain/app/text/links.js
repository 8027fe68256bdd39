// The explanation as two lines of words, with one arc from each query word to its match.

import { atNextFrame, bind, decimal, element, shortened, svgElement } from "../web/dom.js";
import { writtenBest } from "../heatmap/pair_words.js";
import { isSame } from "../web/pair_bus.js";

const WHOLE = 48; // a document of more words shows its matches with their neighbours
const LARGEST = 22; // pixels of the type where the page does not say otherwise
const SMALLEST = 14;
const LETTERS = 32; // of a word that are shown

/** Show `result` as links; pointing at a word or an arc points at its pair. */
export function links({ model, bus }) {
  const drawing = svgElement("svg", { class: "ce-links-arcs", "aria-hidden": "true" });
  const query = element("div", { className: "ce-links-line" });
  const text = element("div", { className: "ce-links-line" });
  const root = element("section", { className: "ce-links", "aria-label": "Links from query words to their matches" });
  root.append(drawing, query, text);

  let words = { row: new Map(), column: new Map() }; // nodes by their place in the grid
  let arcs = new Map(); // drawn groups by row
  let grid = { rows: [], columns: [] };

  function write() {
    const result = model.get("result");
    grid = result.grid ?? { rows: [], columns: [] };
    query.dir = directionOf(result.query ?? "");
    text.dir = directionOf(result.document ?? "");
    words = { row: new Map(), column: new Map() };
    arcs = new Map(); // those on show are of another grid
    const order = grid.rows.map((_, row) => row).sort((a, b) => grid.rows[a].tokens[0] - grid.rows[b].tokens[0]);
    query.replaceChildren(...order.map((row) => queryWord(grid.rows[row], row)));
    text.replaceChildren(...chosenColumns(grid).map((column) => (column === null ? gap() : documentWord(column))));
    const first = query.querySelector("[role=button]");
    if (first) first.tabIndex = 0;
    draw();
    light();
  }

  function queryWord(row, place) {
    const node = word("row", place, row.label);
    const value = similarity(row);
    if (value === null) {
      node.classList.add("ce-links-unscored");
      return node;
    }
    const tokens = row.pieces > 1 ? ` · ${row.pieces} tokens` : "";
    node.append(element("span", { className: "ce-links-value", textContent: `${writtenBest(row)}${tokens}` }));
    if (tokens)
      node.title = `${row.pieces} tokens, on average ${writtenBest(row)}; together they add ${decimal(row.value)}`;
    node.setAttribute("role", "button");
    node.setAttribute("aria-pressed", "false");
    const said = `${row.label} matches ${grid.columns[row.column].label}, ${writtenBest(row)}`;
    node.setAttribute("aria-label", tokens ? `${said}; ${node.title}` : said);
    node.tabIndex = -1;
    return node;
  }

  function documentWord(column) {
    const { label, rows } = grid.columns[column];
    const node = word("column", column, label);
    if (!rows.length) node.classList.add("ce-links-unscored");
    return node;
  }

  function word(side, place, label) {
    const node = element("span", { className: "ce-links-word", dataset: { [side]: place } });
    node.append(element("span", { className: "ce-links-text", textContent: shortened(label, LETTERS) }));
    words[side].set(place, node);
    return node;
  }

  const gap = () => element("span", { className: "ce-links-gap", textContent: "…" });

  // Arcs

  const draw = atNextFrame(() => {
    if (!root.clientWidth) return;
    fit();
    const frame = root.getBoundingClientRect();
    const boxOf = (node) => {
      const { left, top, width, bottom } = node.getBoundingClientRect();
      return { left: left - frame.left, top: top - frame.top, width, bottom: bottom - frame.top };
    };
    const pairs = Array.from(words.row.keys())
      .map((row) => ({ row, column: grid.rows[row].column }))
      .filter(({ column }) => words.column.has(column))
      .map((pair) => ({ ...pair, from: boxOf(words.row.get(pair.row)), to: boxOf(words.column.get(pair.column)) }));
    drawing.setAttribute("viewBox", `0 0 ${root.clientWidth} ${root.clientHeight}`);
    arcs = new Map(arcEnds(pairs).map((arc) => [arc.row, arcNode(arc)]));
    // The strongest on top.
    const order = Array.from(arcs.keys()).sort((a, b) => similarity(grid.rows[a]) - similarity(grid.rows[b]));
    drawing.replaceChildren(...order.map((row) => arcs.get(row)));
    light();
  });

  function arcNode({ row, start, end }) {
    const path = arcPath(start, end);
    const value = similarity(grid.rows[row]);
    const width = arcWidth(value);
    const colour =
      grid.rows[row].colour ?? `color-mix(in oklab, var(--ce-accent) ${Math.round(100 * value)}%, var(--ce-paper))`;
    const group = svgElement("g", { class: "ce-links-arc", "data-row": row });
    group.append(
      svgElement("path", { class: "ce-links-reach", d: path }),
      svgElement("path", { class: "ce-links-edge", d: path, "stroke-width": width + 1.5 }),
      svgElement("path", { d: path, "stroke-width": width, style: `stroke: ${colour}` }),
    );
    return group;
  }

  /** Choose the largest type with which both lines stay lines; where the page lets the document wrap, with which all
   * fits the height, and the query stays a line unless the type would be small. */
  function fit() {
    const style = getComputedStyle(root);
    const largest = parseFloat(style.getPropertyValue("--ce-links-largest")) || LARGEST;
    const room = parseFloat(style.minHeight) - parseFloat(style.rowGap) - 2 * parseFloat(style.paddingTop);
    const fits = style.getPropertyValue("--ce-links-wrap")
      ? (size) => query.offsetHeight + text.offsetHeight <= room && (size <= LARGEST || isOneLine(query))
      : () => [query, text].every(isOneLine);
    for (let size = largest; ; size = Math.max(SMALLEST, size - 2)) {
      root.style.setProperty("--ce-links-size", `${size}px`);
      if (size <= SMALLEST || fits(size)) return;
    }
  }

  // Pointing

  const pairAt = (target) => bus.pairOfWord(target.closest?.("[data-row], [data-column]"));

  root.addEventListener("pointerover", (event) => bus.point(pairAt(event.target)));
  root.addEventListener("pointerleave", () => bus.point(null));
  root.addEventListener("click", (event) => {
    const pair = pairAt(event.target);
    if (pair && pair.row !== null) bus.pin(pair);
  });
  root.addEventListener("focusin", (event) => {
    if (event.target.matches(":focus-visible")) bus.point(pairAt(event.target));
  });
  root.addEventListener("focusout", () => bus.point(null));
  root.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab has commands on single keys
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      bus.pin(pairAt(event.target));
      return;
    }
    const stops = Array.from(query.querySelectorAll("[role=button]"));
    const [left, right] = getComputedStyle(query).direction === "rtl" ? [1, -1] : [-1, 1];
    const here = stops.indexOf(event.target);
    const to = { ArrowLeft: here + left, ArrowRight: here + right, Home: 0, End: stops.length - 1 }[event.key];
    if (to === undefined || !stops[to]) return;
    event.preventDefault();
    for (const stop of stops) stop.tabIndex = -1;
    stops[to].tabIndex = 0;
    stops[to].focus();
  });

  // Light

  const other = svgElement("path", { class: "ce-links-other" });

  function light() {
    const { shown, pinned } = bus;
    root.classList.toggle("ce-links-pointed", !!shown);
    for (const [side, nodes] of Object.entries(words)) {
      for (const [place, node] of nodes) {
        node.classList.toggle("ce-links-lit", shown?.[side] === place);
        node.classList.toggle("ce-links-pinned", pinned?.[side] === place);
        if (node.role === "button") node.setAttribute("aria-pressed", String(pinned?.[side] === place));
      }
    }
    for (const [row, arc] of arcs) {
      const { column } = grid.rows[row];
      arc.classList.toggle("ce-links-lit", shown?.row === row && shown.column === column);
      arc.classList.toggle("ce-links-near", shown?.row === row || shown?.column === column);
    }
    drawOther(shown);
  }

  /** Draw a line between two words that are pointed at but no match. */
  function drawOther(pair) {
    other.remove();
    const [from, to] = [words.row.get(pair?.row), words.column.get(pair?.column)];
    if (!from || !to || isSame(pair, bus.pairOfRow(pair.row))) return;
    const frame = root.getBoundingClientRect();
    const [one, two] = [from.getBoundingClientRect(), to.getBoundingClientRect()];
    const start = { x: one.left + one.width / 2 - frame.left, y: one.bottom - frame.top };
    const end = { x: two.left + two.width / 2 - frame.left, y: two.top - frame.top };
    other.setAttribute("d", arcPath(start, end));
    drawing.append(other);
  }

  const sizes = new ResizeObserver(draw);
  sizes.observe(root);
  const off = bus.onChange(light);
  const unbind = bind(model, { result: write });

  return {
    node: root,
    destroy() {
      sizes.disconnect();
      off();
      unbind();
    },
  };
}

/** The similarity that a row matched with, the mean of its pieces; null for a row that is not scored. */
function similarity({ column, value, pieces = 1 }) {
  return column === null || column === undefined ? null : value / pieces;
}

const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/** Return the direction of a text, that of its first letter: names of tokens have another one, such as [CLS]. */
export function directionOf(text) {
  const letter = text.match(/\p{L}/u);
  return letter && RIGHT_TO_LEFT.test(letter[0]) ? "rtl" : "ltr";
}

function isOneLine(line) {
  const [first, last] = [line.firstElementChild, line.lastElementChild];
  return !first || Math.abs(first.offsetTop - last.offsetTop) < first.offsetHeight;
}

export const arcWidth = (value) => 1.5 + 6 * Math.min(Math.max(value, 0), 1);

/** Draw from the foot of a word to the head of another. */
export function arcPath(start, end) {
  const middle = (start.y + end.y) / 2;
  const at = (x, y) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return `M${at(start.x, start.y)}C${at(start.x, middle)} ${at(end.x, middle)} ${at(end.x, end.y)}`;
}

/** Give arcs that end at the same word ends beside each other, in the order in which they come. */
export function arcEnds(pairs) {
  const ends = Map.groupBy(pairs, ({ column }) => column);
  return pairs.map(({ row, column, from, to }) => {
    const group = ends.get(column).toSorted((a, b) => a.from.left - b.from.left);
    const share = (group.findIndex((pair) => pair.row === row) + 1) / (group.length + 1);
    return {
      row,
      column,
      start: { x: from.left + from.width / 2, y: from.bottom },
      end: { x: to.left + to.width * share, y: to.top },
    };
  });
}

/** Choose the columns to show: all of a short document; of a long one the matches and their neighbours, null for gaps. */
export function chosenColumns({ columns }) {
  if (columns.length <= WHOLE) return columns.map((_, column) => column);
  const matches = columns.flatMap(({ rows }, column) => (rows.length ? [column] : []));
  const around = matches.length <= 6 ? 2 : matches.length <= 12 ? 1 : 0;
  const chosen = [];
  let next = 0; // the first column that is neither shown nor left out yet
  for (const match of matches) {
    const first = Math.max(next, match - around);
    if (first > next) chosen.push(null);
    next = Math.min(match + around + 1, columns.length);
    for (let column = first; column < next; column++) chosen.push(column);
  }
  return next < columns.length ? [...chosen, null] : chosen;
}
