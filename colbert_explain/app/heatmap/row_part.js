// Which rows of a long query are in the picture: it is shown in parts, since the wheel belongs to the page.
import { button, counted, element, inWords } from "../web/dom.js";

/** Make the bar that leads from part to part; it is hidden while all rows are in the picture. `onMove()` is called when
 * another part is to be drawn, `onSize()` when more or fewer rows are. */
export function rowPart({ onMove, onSize }) {
  const [up, down] = [-1, 1].map((way) => button("", () => turn(way), "ce-quiet"));
  const place = element("span", { className: "ce-row-part-place", role: "status" });
  const size = button("", resize, "ce-quiet ce-not-presented");
  const node = element(
    "div",
    { className: "ce-row-part", role: "group", "aria-label": "Rows in the picture", hidden: true },
    up,
    place,
    down,
    size,
  );
  let labels = []; // of all rows
  let count = 0;
  let first = 0;
  let atOnce = 0; // rows in the picture
  let wantsAll = false;
  let partOf = 0; // rows in the picture before the reader wanted all

  const stop = () => first + atOnce;

  function resize() {
    if (!wantsAll) partOf = atOnce;
    wantsAll = !wantsAll;
    onSize();
  }

  /** Put a row at the top, as far as there are rows below it. */
  function begin(row) {
    first = Math.min(Math.max(row, 0), count - atOnce);
    write();
  }

  function turn(way) {
    begin(first + way * atOnce);
    onMove();
    const [pressed, other] = way < 0 ? [up, down] : [down, up];
    if (pressed.disabled) other.focus({ preventScroll: true }); // a button without use keeps no focus
  }

  function write() {
    const isWhole = atOnce === count;
    for (const one of [up, place, down]) one.hidden = isWhole;
    up.textContent = `↑ ${counted(first, "row")} above`;
    up.disabled = first === 0;
    down.textContent = `${counted(count - stop(), "row")} below ↓`;
    down.disabled = stop() === count;
    place.textContent = `Rows ${inWords(first + 1)} to ${inWords(stop())} of ${inWords(count)}`;
    size.textContent = isWhole ? `Show ${counted(partOf, "row")} at once` : `Show all ${counted(count, "row")}`;
    node.hidden = isWhole && !wantsAll;
  }

  return {
    node,
    /** Whether the reader wants all rows at once. */
    get wantsAll() {
      return wantsAll;
    },
    /** The first row in the picture, and the one after its last. */
    get range() {
      return [first, stop()];
    },
    has: (row) => row >= first && row < stop(),
    /** Take the rows; if they are others than before, or in another order, the picture begins at the first. */
    take(rows) {
      const before = labels;
      labels = rows.map(({ label }) => label);
      count = labels.length;
      if (count === before.length && labels.every((label, row) => label === before[row])) return;
      first = 0;
      wantsAll = false;
    },
    /** Have so many rows in the picture; return whether the bar has come or gone. */
    fit(n) {
      const wasHidden = node.hidden;
      atOnce = n;
      begin(first);
      return node.hidden !== wasHidden;
    },
    /** Bring a row into the picture, with a neighbour where there is one. */
    show(row) {
      const before = first;
      if (row - 1 < first) begin(Math.min(first, row - 1));
      else if (row + 2 > stop()) begin(Math.max(first, row + 2 - atOnce));
      if (first !== before) onMove();
    },
  };
}
