// What if words of the document were not there: mark them in the text, remove them, see both scores.

import {
  atNextFrame,
  button,
  decimal,
  element,
  keepKeys,
  muted,
  scrollRegion,
  shortened,
  signedChange,
  tableOf,
} from "../web/dom.js";
import { wordDrag } from "./word_drag.js";

const MARKED = "ce-what-if-marked";
const STRUCK = "ce-what-if-struck";
const LISTED = 4; // moved matches named
const NAMED = 40; // characters of a removed text that are shown
// Each fits into a line beside its score in a window of 1280 pixels.
const MASKED = "Masked; all other vectors unchanged.";
const REENCODED = "Re-encoded: the shortened text's score.";

/** Remove words from the document in `box`. `openAt(column)` writes out the stretch in which a word is folded away.
 *
 * Returns `node`, a bar with what can be done and what came of it; `show(nodes)`, to be called with the segments of
 * another text, and `grow(nodes)` with those of the same text when a stretch of it is written out; `markWord(node)`;
 * `isSelecting()`, whether the reader has selected some text; and `onKey(event,
 * word)`, which returns whether the key was used. */
export function whatIf({ model, page, box, openAt }) {
  const hint = element("p", {
    className: "ce-what-if-hint ce-muted",
    textContent:
      "Hover over a word to see what it matched. Click a word of the document, or drag across several, to remove them.",
  });
  const remove = button("", send, "ce-what-if-remove");
  const clear = button("Clear", clearMarks, "ce-quiet");
  const actions = element("div", { className: "ce-what-if-actions", hidden: true }, remove, clear);
  const answer = element("div", { className: "ce-what-if-answer", hidden: true });
  const bar = element("div", { className: "ce-what-if" }, hint, actions, answer);

  let segments = []; // nodes, in the order of the text
  let places = []; // places in `segments` of the words
  let isOpen = false; // the list of changes
  let isAsked = false; // whether the reader waits for an answer
  let marked = null; // { from, to }: places in `places`, the first and the last word; `head` moves, `anchor` stays

  function show(nodes) {
    segments = nodes;
    places = nodes.flatMap((node, place) => (node.dataset.column === undefined ? [] : [place]));
    marked = null;
    draw();
    tell();
  }

  function grow(nodes) {
    const words = marked && Object.fromEntries(Object.entries(marked).map(([end, k]) => [end, wordAt(k)]));
    segments = nodes;
    places = nodes.flatMap((node, place) => (node.dataset.column === undefined ? [] : [place]));
    marked = words && Object.fromEntries(Object.entries(words).map(([end, word]) => [end, numberOf(word)]));
    draw();
    strike();
  }

  // Mark

  const wordAt = (k) => segments[places[k]];
  const columnAt = (k) => Number(wordAt(k).dataset.column);
  const numberOf = (word) => places.findIndex((place) => segments[place] === word);

  function mark(range) {
    marked = range;
    draw();
  }

  function markInSight(range) {
    mark(range);
    if (range) actions.scrollIntoView({ block: "nearest" });
  }

  function clearMarks() {
    if (selectedRange()) document.getSelection().removeAllRanges(); // it would be marked again
    mark(null);
  }

  function markWord(word) {
    const k = numberOf(word);
    const again = marked && marked.from === k && marked.to === k;
    markInSight(k < 0 || again ? null : { from: k, to: k, anchor: k, head: k });
  }

  function extend(word, step) {
    const k = numberOf(word);
    if (k < 0) return;
    const { anchor, head } = marked ?? { anchor: k, head: k - step };
    const to = Math.min(Math.max(head + step, 0), places.length - 1);
    markInSight({ from: Math.min(anchor, to), to: Math.max(anchor, to), anchor, head: to });
  }

  /** The text selected in the box: by a finger, by keys, or by this part after a drag. */
  function selectedRange() {
    const selection = document.getSelection();
    if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    return box.contains(range.commonAncestorContainer) ? range : null;
  }

  const follow = atNextFrame(() => {
    const range = selectedRange();
    if (range) mark(wordsOf(range));
  });

  /** Find the words that a range touches. */
  function wordsOf(range) {
    // The first word that does not end before the selection, and the last one that begins before its end.
    const after = (k) => {
      const text = wordAt(k).firstChild;
      return range.comparePoint(text, Math.max(0, text.length - 1)) >= 0;
    };
    const before = (k) => range.comparePoint(wordAt(k).firstChild, 1) <= 0;
    const from = firstThat(places.length, after);
    const to = firstThat(places.length, (k) => !before(k)) - 1;
    return from <= to ? { from, to, anchor: from, head: to } : null;
  }

  const rangeBetween = (first, last) => {
    const range = document.createRange();
    range.setStartBefore(wordAt(first));
    range.setEndAfter(wordAt(last));
    return range;
  };

  /** After a drag: the marked words are selected, so that they can be copied. */
  function select() {
    if (!marked) return;
    document.getSelection()?.addRange(rangeBetween(marked.from, marked.to));
    markInSight(marked);
  }

  function onKey(event, word) {
    const isDocument = word.dataset.column !== undefined;
    if ((event.key === "Delete" || event.key === "Backspace") && marked) send();
    else if (isDocument && event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      const forward = getComputedStyle(box).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
      extend(word, event.key === forward ? 1 : -1);
    } else return false;
    event.preventDefault();
    return true;
  }

  function forget({ key }) {
    if (key === "Escape" && marked) clearMarks();
  }

  function draw() {
    paint(MARKED, marked && [places[marked.from], places[marked.to]]);
    actions.hidden = !marked;
    hint.hidden = !!marked || !!removed();
    if (marked) remove.textContent = `Remove “${textBetween(places[marked.from], places[marked.to])}”`;
  }

  function paint(className, ends) {
    for (const node of box.querySelectorAll(`.${className}`)) node.classList.remove(className);
    if (!ends) return;
    for (const node of segments.slice(ends[0], ends[1] + 1)) {
      node.classList.add(className);
      const fold = node.closest("details");
      if (fold) fold.open = true; // what is marked is seen
    }
  }

  function textBetween(first, last) {
    let text = "";
    for (let k = first; k <= last && text.length <= 4 * NAMED; k++) text += segments[k].textContent;
    return shortened(text.replace(/\s+/gu, " "), NAMED);
  }

  function send() {
    if (!marked) return;
    isAsked = true;
    model.send({ event: "what_if", first: columnAt(marked.from), stop: columnAt(marked.to) + 1 });
    clearMarks();
  }

  // Answer

  const removed = () => {
    const found = model.get("what_if");
    return found && found.masked !== undefined ? found : null;
  };

  function tell() {
    const found = removed();
    answer.hidden = !found;
    hint.hidden = !!marked || !!found;
    if (found) openAt(found.first);
    strike();
    answer.replaceChildren();
    if (!found) return;
    const undo = button("Undo", () => model.send({ event: "what_if_undo" }), "ce-what-if-undo");
    const name = element("bdi", { textContent: shortened(found.text, NAMED) });
    answer.append(
      element(
        "div",
        { className: "ce-what-if-first" },
        element("p", { className: "ce-what-if-removed" }, "After removing “", name, "” ", undo),
        element("div", { className: "ce-what-if-scores" }, ...score(found, "masked", MASKED), ...again(found)),
      ),
      ...(found.moved?.length ? [changes(found)] : []),
    );
    if (isAsked) answer.firstChild.scrollIntoView({ block: "nearest" });
    isAsked = false;
    page.announce?.(spokenAnswer(found));
  }

  function strike() {
    const found = removed();
    paint(STRUCK, found && strikeEnds(found));
  }

  function strikeEnds({ first, stop }) {
    const from = places.find((place) => Number(segments[place].dataset.column) >= first);
    const to = places.findLast((place) => Number(segments[place].dataset.column) < stop);
    return from === undefined || to === undefined || to < from ? null : [from, to];
  }

  function score(found, name, why) {
    const value = found[name];
    const place = found.places?.[name];
    const change = ` (${signedChange(value, found.before)})${place ? `, ${place}` : ""}`;
    return [
      element("span", {}, `${decimal(found.before)} → `, element("strong", { textContent: decimal(value) }), change),
      muted(why),
    ];
  }

  function again(found) {
    if (typeof found.reencoded === "number") return score(found, "reencoded", REENCODED);
    if (found.busy) return [element("span"), muted("Re-encoding without it …")];
    if (!found.can_reencode) return [];
    return [element("span"), button("Re-encode without it", () => model.send({ event: "what_if_reencode" }))];
  }

  /** Tabulate the query words that add something else than before. */
  function changes(found) {
    const answers = { before: "Before", masked: "Masked", reencoded: "Re-encoded" };
    const names = Object.keys(answers).filter((name) => found.moved.some((word) => word[name]));
    const head = ["Query word", ...names.map((name) => answers[name])].map((textContent) =>
      element("th", { scope: "col", textContent }),
    );
    const rows = found.moved.map((word) => {
      const cells = names.map((name) => element("td", {}, ...match(word[name], word.before)));
      return element("tr", {}, element("th", { scope: "row" }, element("bdi", { textContent: word.label })), ...cells);
    });
    const table = tableOf(element("tr", {}, ...head), rows);
    const scroll = scrollRegion("ce-what-if-scroll", "Changed query words", table);
    const details = element("details", { open: isOpen }, element("summary", {}, ...title(found.moved)), scroll);
    details.addEventListener("toggle", () => (isOpen = details.open));
    return details;
  }

  function title(words) {
    const moved = words.filter(({ before, masked }) => masked && masked.match !== before.match);
    if (!moved.length) {
      const isMoved = words.some(({ before, reencoded }) => reencoded && reencoded.match !== before.match);
      return [`${isMoved ? "" : "Every query word keeps its match. "}Query words that add more or less than before`];
    }
    const name = (text) => element("bdi", { textContent: text });
    const shown = moved.slice(0, LISTED).flatMap(({ label, before, masked }) => {
      const now = ["“", name(label), "” now matches “", name(masked.match), "”"];
      return ["; ", ...now, " (before: “", name(before.match), "”)"];
    });
    const more = moved.length > LISTED ? [`; and ${moved.length - LISTED} more`] : [];
    return [moved.length === 1 ? "Query word " : `${moved.length} query words: `, ...shown.slice(1), ...more];
  }

  function match(one, before) {
    if (!one) return [];
    const moved = one.match !== before.match;
    return [
      element(moved ? "strong" : "span", {}, element("bdi", { textContent: one.match })),
      ` ${decimal(one.value)}`,
    ];
  }

  remove.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the selection
  keepKeys(bar);
  document.addEventListener("keydown", forget, true);
  document.addEventListener("selectionchange", follow);
  const endDrag = wordDrag({
    box,
    base: () => marked && rangeBetween(marked.anchor, marked.anchor),
    wordOf: (node) => node.closest?.("[data-column]"),
    onDrag: (range) => mark(wordsOf(range)),
    onEnd: select,
  });
  model.on("change:what_if", tell);

  return {
    node: bar,
    show,
    grow,
    markWord,
    onKey,
    isSelecting: () => selectedRange() !== null,
    destroy() {
      document.removeEventListener("keydown", forget, true);
      document.removeEventListener("selectionchange", follow);
      endDrag();
      model.off("change:what_if", tell);
    },
  };
}

/** Find the first number below `count` from which on `holds` is true; `count` if there is none. */
export function firstThat(count, holds) {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function spokenAnswer({ text, before, masked, reencoded, places = {} }) {
  const said = (name) => (places[name] ? `, ${places[name]}` : "");
  const removed = `After removing “${shortened(text, NAMED)}” the score is ${decimal(masked)} instead of `;
  const first = `${removed}${decimal(before)}${said("masked")}`;
  return typeof reencoded === "number"
    ? `${first}; re-encoded, ${decimal(reencoded)}${said("reencoded")}.`
    : `${first}.`;
}
