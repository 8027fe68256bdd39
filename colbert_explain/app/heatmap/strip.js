// The whole document as a thin strip: how well each part matches, where the matches are, and what is in view.
import { atNextFrame, element, inWords } from "../web/dom.js";
import { clampedRange, movedRange, wholeRange } from "./column_range.js";
import { stripPlaces } from "./strip_places.js";

const BARS = 20,
  GAP = 2,
  MARKS = 8; // pixels, from top to bottom
const HEIGHT = BARS + GAP + MARKS;

/** Make the strip. `onMove(range)` is called with the columns that the reader wants to see. */
export function strip({ onMove }) {
  const canvas = element("canvas", { ariaHidden: "true" });
  const part = element("div", { className: "ce-strip-part" });
  const node = element(
    "div",
    {
      className: "ce-strip-track",
      tabIndex: 0,
      role: "slider",
      ariaLabel: "Part of the document in the picture",
      title: "The whole document. Click or drag to move; arrow keys, Page Up and Page Down, Home, End.",
    },
    canvas,
    part,
  );
  let contents = null,
    columns = [],
    rows = [],
    places = null;
  let range = [0, 1],
    held = null,
    pair = null,
    pinned = null;

  const draw = atNextFrame(() => {
    const width = node.clientWidth;
    if (!places || !width) return;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(HEIGHT * scale);
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    const style = getComputedStyle(node);
    const colour = (name) => style.getPropertyValue(`--ce-${name}`).trim();
    const x = (place) => (place / places.total) * width;
    pen.fillStyle = colour("grid");
    pen.fillRect(0, BARS, width, 1);
    for (const bin of contents.bins ?? []) {
      if (bin.value === null) continue;
      const height = Math.max(1, Math.max(0, bin.value) * BARS);
      pen.fillStyle = bin.colour;
      // A little wider than the bin, so that no light shines through between two.
      pen.fillRect(x(bin.start), BARS - height, x(bin.stop) - x(bin.start) + 0.5, height);
    }
    const mark = (column, kind, top, thick) => {
      pen.fillStyle = colour(kind);
      pen.fillRect(
        Math.min(Math.max(x(places.middleOf(column)) - thick / 2, 0), width - thick),
        top,
        thick,
        HEIGHT - top,
      );
    };
    for (const row of rows) if (row.column !== null) mark(row.column, "frame", BARS + GAP, 2);
    if (pinned) mark(pinned.column, "pinned", 0, 2);
    if (pair) mark(pair.column, "ink", 0, 2);
  });

  function showPart() {
    const [left, right] = [places.edge(range[0]), places.edge(range[1])];
    part.style.left = `${(100 * left) / places.total}%`;
    part.style.width = `${(100 * (right - left)) / places.total}%`;
    const first = Math.max(0, Math.round(range[0] + 0.5));
    const last = Math.max(first, Math.min(columns.length - 1, Math.round(range[1] - 0.5)));
    node.ariaValueMin = "1";
    node.ariaValueMax = String(columns.length);
    node.ariaValueNow = String(first + 1);
    const near = columns[Math.round((first + last) / 2)]?.label ?? "";
    node.ariaValueText = `${inWords(first + 1)} to ${inWords(last + 1)} of ${inWords(columns.length)}, near ${near}`;
  }

  const columnAt = ({ clientX }) => {
    const { left, width } = node.getBoundingClientRect();
    return places.columnAt(((clientX - left) / width) * places.total);
  };
  const moveTo = (middle) => onMove(movedRange(range, middle - (range[0] + range[1]) / 2, columns.length));

  node.addEventListener("pointerdown", (event) => {
    if (event.button || !places) return;
    node.setPointerCapture(event.pointerId);
    const column = columnAt(event);
    // Whoever takes hold of the part in view moves it from there.
    held = column > range[0] && column < range[1] ? column - (range[0] + range[1]) / 2 : 0;
    if (!held) moveTo(column);
  });
  node.addEventListener("pointermove", (event) => held !== null && moveTo(columnAt(event) - held));
  for (const name of ["pointerup", "pointercancel"]) node.addEventListener(name, () => (held = null));
  node.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !places) return;
    const width = range[1] - range[0];
    const step = Math.max(1, width / 8);
    const by = {
      ArrowLeft: -step,
      ArrowDown: -step,
      ArrowRight: step,
      ArrowUp: step,
      PageUp: width,
      PageDown: -width,
      Home: -columns.length,
      End: columns.length,
    }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // JupyterLab has commands on single keys
    onMove(movedRange(range, by, columns.length));
  });
  const observer = new ResizeObserver(draw);
  observer.observe(node);

  return {
    node,
    /** Show another document. */
    show(result) {
      contents = result.strip;
      ({ columns, rows } = result.grid);
      places = stripPlaces(columns, contents);
      range = clampedRange(wholeRange(columns.length), columns.length);
      draw();
    },
    /** Show which columns are in view. */
    setRange(next) {
      range = next;
      showPart();
    },
    /** Mark the columns of what the reader points at and has pinned. */
    light(bus) {
      [pair, pinned] = [bus.focus, bus.pinned];
      if (!node.closest("[hidden]")) draw();
    },
    destroy: () => observer.disconnect(),
  };
}
