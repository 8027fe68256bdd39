// The labels of rows and columns, beside the drawing.
import { element } from "../web/dom.js";
import { chooseLabels, LABEL, labelHeight, MEASURED } from "./column_labels.js";
import { fittingText, textWidth } from "./text_width.js";

const MOST_OF_WIDTH = 0.28; // that the labels of rows take of the picture
const WIDEST_ROW = 180; // pixels
const FEW = { columns: 60, longest: 112 }; // with so few columns, labels may be longer and take more height
const LEAST_ROW = 72; // pixels, so that the corner names documents and query in large type as well

/** Make the labels. `onPoint({ row } | { column } | null)` and `onClick` are called with the label under the pointer. */
export function gridLabels({ onPoint, onClick }) {
  const corner = element(
    "div",
    { className: "ce-heatmap-corner" },
    element("span", { textContent: "document →" }),
    element("span", { textContent: "query ↓" }),
  );
  const columnLayer = element("div", { className: "ce-heatmap-columns" });
  const rowLayer = element("div", { className: "ce-heatmap-rows" });
  const adds = element("span", { className: "ce-heatmap-adds", textContent: "adds to score" });
  for (const node of [corner, columnLayer, rowLayer]) node.ariaHidden = "true";

  let grid = { rows: [], columns: [] };
  let font = "13px sans-serif",
    scale = 1,
    longest = LABEL.longest,
    texts = [];
  let rowNodes = [];
  const columnNodes = new Map(); // by column

  for (const layer of [rowLayer, columnLayer]) {
    const placeOf = ({ target }) => {
      const { row, column } = target.closest("[data-row], [data-column]")?.dataset ?? {};
      return row !== undefined ? { row: Number(row) } : column !== undefined ? { column: Number(column) } : null;
    };
    layer.addEventListener("pointerover", (event) => onPoint(placeOf(event)));
    layer.addEventListener("pointerleave", () => onPoint(null));
    layer.addEventListener("click", (event) => placeOf(event) && onClick(placeOf(event)));
  }

  const fontOf = (column) => (grid.columns[column].rows.length ? `600 ${font}` : font);
  const textOf = (column) => (texts[column] ??= fittingText(grid.columns[column].label, fontOf(column), longest));
  const widthOf = (column) => textWidth(textOf(column), fontOf(column));

  return {
    corner,
    columnLayer,
    rowLayer,
    rowNode: (row) => rowNodes[row],

    /** Take another grid; `type` is the font as in CSS, and its scale. Returns how wide the rows' labels are. */
    measure(given, type, whole) {
      grid = given;
      ({ font, scale } = type);
      texts = [];
      const widest = Math.max(...grid.rows.map(({ label }) => textWidth(label.slice(0, 200), font)), LEAST_ROW * scale);
      return Math.ceil(Math.min(widest + 18, WIDEST_ROW * scale, whole * MOST_OF_WIDTH));
    },

    /** Write the labels of the grid that was measured. */
    draw() {
      rowNodes = grid.rows.map(({ label, scored }, row) => {
        const node = element("div", { className: "ce-heatmap-row", dir: "auto", dataset: { row } });
        node.classList.toggle("ce-heatmap-unscored-label", !scored);
        node.append(element("span", { textContent: label.slice(0, 200), title: label.slice(0, 500) }));
        return node;
      });
      rowLayer.replaceChildren(...rowNodes);
      columnNodes.clear();
      columnLayer.replaceChildren(adds);
    },

    /** Choose labels for what is in view; `cell` is the width of a column. */
    choose(range, cell) {
      const usual = grid.columns.length > FEW.columns ? LABEL.longest : FEW.longest;
      allow(Math.max(usual * scale, cell - LABEL.gap * scale)); // a wide column has room for more
      return chooseLabels({ columns: grid.columns, range, cell, widthOf, scale });
    },

    /** How high the labels of all columns are at an angle: it stays while the reader moves along the document. */
    height(angle) {
      const count = grid.columns.length;
      const widest =
        count > MEASURED ? LABEL.longest * scale : Math.max(0, ...grid.columns.map((_, column) => widthOf(column)));
      return labelHeight(angle, widest, scale);
    },

    /** How far the labels reach beyond the right end of the cells, `width` pixels wide. */
    overhang({ angle, labels }, width) {
      const radians = (angle * Math.PI) / 180,
        line = LABEL.line * scale;
      // Making room makes the columns a little narrower, hence the whole line and not its half.
      const reach = (column) =>
        angle === LABEL.slant ? Math.cos(radians) * widthOf(column) + Math.sin(radians) * line : 0;
      return Math.max(0, ...labels.map(({ column, at }) => at + reach(column) - width));
    },

    /** Put the labels where they belong: `geometry` is that of the cells (heatmap.js), `first` to `stop` are the rows. */
    place({ angle, labels }, { left, top, cell, height, first, stop }, bars) {
      rowLayer.style.setProperty("--ce-heatmap-row-height", `${height}px`);
      for (const [row, node] of rowNodes.entries()) {
        node.hidden = row < first || row >= stop;
        node.style.top = `${top + (row - first) * height}px`;
      }
      adds.hidden = !bars;
      adds.style.left = `${bars}px`;
      columnLayer.classList.toggle("ce-heatmap-flat", angle === 0);
      columnLayer.style.setProperty("--ce-heatmap-angle", `${-angle}deg`);
      const kept = new Set(labels.map(({ column }) => column));
      for (const [column, node] of columnNodes) {
        if (kept.has(column)) continue;
        node.remove();
        columnNodes.delete(column);
      }
      for (const { column, at } of labels) {
        const node = columnNodes.get(column) ?? newColumn(column);
        node.style.left = `${left + at}px`;
        if (angle === 0) node.style.width = `${cell}px`;
        else node.style.width = "";
      }
    },

    /** Light a row and a column, or neither; mark those of the pinned pair. */
    light(focus, pinned) {
      const mark = (nodes, name) => {
        for (const [key, node] of nodes) {
          node.classList.toggle("ce-heatmap-lit", focus?.[name] === key);
          node.classList.toggle("ce-heatmap-pinned-label", pinned?.[name] === key);
        }
      };
      mark(rowNodes.entries(), "row");
      mark(columnNodes, "column");
    },

    hasColumn: (column) => columnNodes.has(column),
  };

  /** Let labels be so long, in pixels. */
  function allow(most) {
    if (most === longest) return;
    longest = most;
    texts = [];
    for (const node of columnNodes.values()) node.remove();
    columnNodes.clear();
  }

  function newColumn(column) {
    const { label, scored, rows } = grid.columns[column];
    const node = element(
      "span",
      { className: "ce-heatmap-column", dir: "auto", title: label.slice(0, 500), dataset: { column } },
      element("span", { textContent: textOf(column) }),
    );
    node.classList.toggle("ce-heatmap-unscored-label", !scored);
    node.classList.toggle("ce-heatmap-matched", rows.length > 0);
    columnNodes.set(column, node);
    columnLayer.append(node);
    return node;
  }
}
