// What lies over the cells: the row, column and cell that the reader points at, and the pinned cell.
import { element } from "../web/dom.js";

/** Make the layer; it never takes the pointer. */
export function overlay() {
  const [row, column, cell, pinned] = ["row", "column", "cell", "pinned"].map((name) =>
    element("div", { className: `ce-heatmap-on-${name}`, hidden: true }),
  );
  const name = element("span", { className: "ce-heatmap-name", dir: "auto", hidden: true });
  const node = element("div", { className: "ce-heatmap-overlay", ariaHidden: "true" }, row, column, pinned, cell, name);

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

    /** Light a pair; `geometry` says where cells lie, `label` names a column that has no label of its own. */
    show(focus, pinnedPair, geometry, label) {
      for (const mark of [row, column, cell, pinned, name]) mark.hidden = true;
      if (!geometry) return;
      const { left, top, width, height, rows, right } = geometry;
      if (pinnedPair) put(pinned, geometry.box(pinnedPair), geometry);
      if (!focus) return;
      const box = geometry.box(focus);
      put(row, { x: left, y: box.y, width: right - left, height: box.height }, { left, width: right - left });
      put(column, { x: box.x, y: top, width: box.width, height: rows * height }, geometry);
      put(cell, box, geometry);
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
