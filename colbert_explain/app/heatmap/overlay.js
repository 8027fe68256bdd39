// What lies over the cells: the row, column and cell that the reader points at, and the pinned cell.
import { element } from "../web/dom.js";

const BESIDE = 5; // pixels between a cell and its number

/** Make the layer; it never takes the pointer. */
export function overlay() {
  const [row, column, cell, pinned] = ["row", "column", "cell", "pinned"].map((name) =>
    element("div", { className: `ce-heatmap-on-${name}`, hidden: true }),
  );
  const name = element("span", { className: "ce-heatmap-name", dir: "auto", hidden: true });
  const value = element("span", { className: "ce-heatmap-value", hidden: true });
  const marks = [row, column, pinned, cell, name, value];
  const node = element("div", { className: "ce-heatmap-overlay", ariaHidden: "true" }, ...marks);

  /** Show a box; what lies outside of the cells is cut off. */
  function put(mark, box, area) {
    const left = Math.max(box.x, area.left),
      right = Math.min(box.x + box.width, area.left + area.width);
    mark.hidden = right - left < 1;
    Object.assign(mark.style, {
      left: `${left}px`,
      top: `${box.y}px`,
      width: `${right - left}px`,
      height: `${box.height}px`,
    });
  }

  return {
    node,

    /** Light a pair; `geometry` says where cells lie and which rows it `has`, `label` names a column that has no label of its own, `number` is
     * written beside a cell that shows none. */
    show(focus, pinnedPair, geometry, label, number) {
      for (const mark of marks) mark.hidden = true;
      if (!geometry) return;
      const { left, top, width, height, rows, right } = geometry;
      if (pinnedPair && geometry.has(pinnedPair.row)) put(pinned, geometry.box(pinnedPair), geometry);
      if (!focus) return;
      const box = geometry.box(focus);
      put(column, { x: box.x, y: top, width: box.width, height: rows * height }, geometry);
      if (geometry.has(focus.row)) {
        put(row, { x: left, y: box.y, width: right - left, height: box.height }, { left, width: right - left });
        put(cell, box, geometry);
      }
      if (number && !cell.hidden) {
        value.textContent = number;
        value.hidden = false;
        const beside = box.x + box.width + BESIDE;
        const isRoom = beside + value.offsetWidth <= left + width;
        value.style.left = `${isRoom ? beside : box.x - BESIDE - value.offsetWidth}px`;
        value.style.top = `${box.y + (box.height - value.offsetHeight) / 2}px`;
      }
      const middle = box.x + box.width / 2;
      if (!label || middle < left || middle > left + width) return;
      name.textContent = label;
      name.hidden = false;
      name.style.top = `${top}px`;
      const half = name.offsetWidth / 2;
      name.style.left = `${Math.min(Math.max(middle, half), right - half)}px`;
    },
  };
}
