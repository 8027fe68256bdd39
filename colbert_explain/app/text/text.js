// The query and the document as text. Winning words are underlined, the thicker the more similar.

import { atNextFrame, bind, counted, element } from "../web/dom.js";
import { writtenBest } from "../heatmap/pair_words.js";
import { whatIf } from "./what_if.js";

const LIT = "ce-text-lit";
const MATCH = "ce-text-match";
const PINNED = "ce-text-pinned";
const LEAVING = 120; // milliseconds: the gap between two words is not worth a flicker

/** Show the texts of `result`; pointing at a word points at its pair.
 *
 * Returns `node`, `destroy()`, and `reveal(column)`, which scrolls the text to a word. */
export function documentText({ model, bus, page }) {
  const query = element("p", { className: "ce-text-query", dir: "auto" });
  const box = element("div", { className: "ce-text-box", dir: "auto" });
  const removal = whatIf({ model, page, box, openAt: (column) => foldOf(column)?.open() });
  const root = element("section", { className: "ce-text", "aria-label": "Texts" }, query, box, removal.node);

  let words = { row: [], column: [] }; // nodes by their place in the grid
  let folds = []; // stretches that are not written out yet: { summary, columns, open() }
  let marked = []; // nodes with a class of the moment
  let opened = false; // whether the text has been scrolled to its first match
  let seenPin = null;
  let tabStop = null;
  let leaving;

  function write() {
    const { text, grid } = model.get("result");
    marked = [];
    opened = false;
    words = { row: [], column: [] };
    folds = [];
    query.replaceChildren(...(text?.query ?? []).map(segmentNode));
    box.replaceChildren(...(text?.document ?? []).map(segmentNode));
    root.hidden = !text;
    for (const [side, stops] of Object.entries(stopsOf(grid))) {
      for (const place of stops) describe(side, place, grid);
    }
    setTabStop(firstStop());
    removal.show(segmentNodes());
    openAtMatch();
    light();
  }

  const segmentNodes = () => Array.from(box.querySelectorAll("[data-segment]"));

  function segmentNode(segment) {
    if (segment.fold) return foldNode(segment);
    const node = element("span", { textContent: segment.text, dataset: { segment: "" } });
    const side = segment.row !== undefined ? "row" : segment.column !== undefined ? "column" : "";
    if (!side) return node;
    node.className = "ce-text-word";
    node.dataset[side] = segment[side];
    for (const place of [segment[side], ...(segment.also ?? [])]) (words[side][place] ??= []).push(node);
    if (segment.value !== undefined) {
      node.classList.add("ce-text-winner");
      node.style.setProperty("--ce-text-colour", segment.colour ?? "var(--ce-accent)");
      node.style.setProperty("--ce-text-line", `${lineWidth(segment.value)}px`);
    }
    return node;
  }

  function foldNode({ text, count, unread, words: held = [] }) {
    const why = unread ? "that the model did not read" : "without a match";
    const summary = element("summary", { dir: "ltr", textContent: `${counted(count, "character")} ${why}` });
    const whole = segmentNode({ text });
    const node = element("details", { className: "ce-text-fold" }, summary, whole);
    // Its words, which may be thousands, are written out when it is opened.
    const fold = {
      summary,
      columns: new Set(held.filter((_, k) => k % 3 === 2)),
      open() {
        folds = folds.filter((one) => one !== fold);
        node.open = true;
        if (!whole.isConnected) return;
        whole.replaceWith(...segmentsOf(text, held).map(segmentNode));
        removal.grow(segmentNodes());
        light();
      },
    };
    if (held.length) {
      folds.push(fold);
      node.addEventListener("toggle", () => node.open && folds.includes(fold) && fold.open());
    }
    return node;
  }

  const foldOf = (column) => folds.find(({ columns }) => columns.has(column));

  /** Make a matched word a button that says what it matched. */
  function describe(side, place, grid) {
    const node = words[side][place]?.[0];
    if (!node) return;
    node.setAttribute("role", "button");
    node.setAttribute("aria-pressed", "false");
    const row = side === "row" ? place : grid.columns[place].rows[0];
    const { label, column } = grid.rows[row];
    const partner = side === "row" ? `matches ${grid.columns[column].label}` : `matched by ${label}`;
    node.setAttribute("aria-label", `${node.textContent}, ${partner}, ${writtenBest(grid.rows[row])}`);
  }

  const firstStop = () => box.querySelector("[role=button]") ?? query.querySelector("[role=button]");

  /** Let the Tab key lead to a word; only that one has a tab index. */
  function setTabStop(node) {
    if (node !== tabStop) tabStop?.removeAttribute("tabindex"); // which would take the focus from it
    tabStop = node;
    if (node) node.tabIndex = 0;
  }

  // Pointing

  const wordOf = (event) => event.target.closest?.(".ce-text-word");

  root.addEventListener("pointerover", (event) => {
    if (event.buttons) return; // words are being marked
    clearTimeout(leaving);
    const word = wordOf(event);
    if (word) bus.point(bus.pairOfWord(word));
    else leaving = setTimeout(() => bus.point(null), LEAVING);
  });
  root.addEventListener("pointerleave", () => {
    clearTimeout(leaving);
    bus.point(null);
  });
  root.addEventListener("click", (event) => {
    const word = wordOf(event);
    if (!word || removal.isSelecting()) return;
    removal.markWord(word);
    if (word.role === "button") {
      setTabStop(word);
      word.focus({ preventScroll: true });
    }
    const pair = bus.pairOfWord(word);
    if (pair && pair.row !== null) bus.pin(pair);
  });
  root.addEventListener("pointerdown", () => {
    // Chromium starts no selection in what can have the focus.
    tabStop?.removeAttribute("tabindex");
    setTimeout(() => setTabStop(tabStop));
  });
  root.addEventListener("focusin", (event) => {
    const word = wordOf(event);
    if (word?.matches(":focus-visible")) bus.point(bus.pairOfWord(word));
  });
  root.addEventListener("focusout", () => bus.point(null));

  // Keys

  root.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab has commands on single keys
    const word = wordOf(event);
    if (!word || event.ctrlKey || event.metaKey || event.altKey) return;
    if (removal.onKey(event, word)) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      bus.pin(bus.pairOfWord(word));
      return;
    }
    const to = nextWord(event, word);
    if (!to) return;
    event.preventDefault();
    const fold = to.closest("details");
    if (fold) fold.open = true;
    setTabStop(to);
    to.focus();
  });

  function nextWord(event, word) {
    const side = word.dataset.row !== undefined ? "row" : "column";
    const pair = bus.pairOfWord(word);
    if (event.key === "ArrowUp" && side === "column") return words.row[pair?.row]?.[0];
    if (event.key === "ArrowDown" && side === "row") return words.column[pair?.column]?.[0];
    const stops = stopsOf(bus)[side].map((place) => words[side][place]?.[0]);
    const nodes = Array.from(new Set(stops.filter(Boolean))).sort(byPlace);
    const here = nodes.indexOf(word);
    const forward = getComputedStyle(word.parentElement).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (event.key === "Home") return nodes[0];
    if (event.key === "End") return nodes.at(-1);
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") return nodes[here + (event.key === forward ? 1 : -1)];
    return undefined;
  }

  // Light

  function mark(nodes, className) {
    for (const node of nodes ?? []) {
      node.classList.add(className);
      marked.push(node);
    }
  }

  function light() {
    for (const node of marked.splice(0)) node.classList.remove(LIT, MATCH, PINNED);
    for (const node of root.querySelectorAll("[aria-pressed=true]")) node.setAttribute("aria-pressed", "false");
    const { shown, pinned } = bus;
    if (shown) {
      mark(words.row[shown.row], LIT);
      mark(words.column[shown.column] ?? summaryOf(shown.column), LIT);
      // Of a cell that is not the row's best: the best as well, more faintly.
      const best = bus.rows[shown.row];
      for (const column of [best?.column, ...(best?.tied ?? [])]) {
        if (column !== shown.column) mark(words.column[column], MATCH);
      }
    }
    if (pinned) {
      if (pinned !== seenPin) foldOf(pinned.column)?.open();
      for (const nodes of [words.row[pinned.row], words.column[pinned.column]]) {
        mark(nodes, PINNED);
        nodes?.[0].setAttribute("aria-pressed", "true");
      }
      if (pinned !== seenPin) reveal(pinned.column);
    }
    seenPin = pinned;
  }

  /** What stands for a word that is folded away. */
  function summaryOf(column) {
    const fold = foldOf(column);
    return fold && [fold.summary];
  }

  /** Scroll within the box only: the page stays where it is. */
  function reveal(column) {
    foldOf(column)?.open();
    const node = words.column[column]?.[0];
    if (!node) return;
    const fold = node.closest("details");
    if (fold) fold.open = true;
    const [inner, outer] = [node.getBoundingClientRect(), box.getBoundingClientRect()];
    if (inner.top >= outer.top && inner.bottom <= outer.bottom) return;
    box.scrollTop += inner.top - outer.top - box.clientHeight / 3;
  }

  function openAtMatch() {
    if (opened || !box.clientHeight) return;
    opened = true;
    box.scrollTop = 0;
    const first = box.querySelector(".ce-text-winner");
    if (first) reveal(first.dataset.column);
  }

  const sizes = new ResizeObserver(atNextFrame(openAtMatch));
  sizes.observe(box);
  const off = bus.onChange(light);
  const unbind = bind(model, { result: write });

  return {
    node: root,
    reveal,
    destroy() {
      clearTimeout(leaving);
      sizes.disconnect();
      off();
      unbind();
      removal.destroy();
    },
  };
}

/** List the rows that have a match, and the columns that are one. */
function stopsOf(grid) {
  const places = (list, holds) => list.map((_, place) => place).filter((place) => holds(list[place]));
  return {
    row: places(grid?.rows ?? [], (row) => typeof row.column === "number"),
    column: places(grid?.columns ?? [], (column) => column.rows?.length),
  };
}

/** Cut a folded text into its words and what lies between them; `held` are those of text_segments.py. */
export function segmentsOf(text, held) {
  const segments = [];
  let at = 0;
  for (let k = 0; k < held.length; k += 3) {
    const start = at + held[k];
    if (start > at) segments.push({ text: text.slice(at, start) });
    at = start + held[k + 1];
    segments.push({ text: text.slice(start, at), column: held[k + 2] });
  }
  return at < text.length ? [...segments, { text: text.slice(at) }] : segments;
}

/** Return the width in pixels of the line below a word of some similarity. */
export const lineWidth = (value) => 1.5 + 3.5 * Math.min(Math.max(value, 0), 1);

function byPlace(one, other) {
  return one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}
