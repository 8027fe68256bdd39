// Which columns get a label, and how it lies: as many as fit, and all that are the match of a row.

export const LABEL = { slant: 55, line: 16, gap: 8, longest: 88, lowest: 34 }; // degrees and pixels
export const MEASURED = 300; // columns, above which a label may be as wide as any
const UPRIGHT_PITCH = 15; // pixels between two upright labels

/** Choose the labels of the columns in view.
 *
 * `columns` are those of the grid, `range` what is in view, `cell` a column's width in pixels, and `widthOf(column)`
 * how wide its label is, shortened if need be. `scale` is that of the type. Returns `angle` (0, 55 or 90 degrees) and
 * `labels`, each with its `column`, the `x` of the column's middle from the left end of the view, and `at`, where the
 * label stands: beside `x` only where neighbours have no room otherwise. */
export function chooseLabels({ columns, range, cell, widthOf, scale = 1 }) {
  const [left, right] = range;
  const first = Math.max(0, Math.ceil(left)),
    last = Math.min(columns.length - 1, Math.floor(right));
  const all = [];
  for (let column = first; column <= last; column++) {
    const x = (column - left) * cell;
    all.push({ column, x, at: x, framed: columns[column].rows.length > 0 });
  }
  if (lieFlat(columns.length, cell, widthOf, scale)) return { angle: 0, labels: all };
  const slantedPitch = (LABEL.line * scale) / Math.sin((LABEL.slant * Math.PI) / 180);
  if (cell >= slantedPitch) return { angle: LABEL.slant, labels: all };
  return { angle: 90, labels: thinned(all, UPRIGHT_PITCH * scale, (right - left) * cell) };
}

/** Check whether labels lie flat anywhere in the document: they keep their angle while the reader moves along it. */
function lieFlat(count, cell, widthOf, scale) {
  const gap = LABEL.gap * scale;
  if (count > MEASURED) return LABEL.longest * scale + gap <= cell;
  const widths = Array.from({ length: count }, (_, column) => widthOf(column));
  return widths.every((width, k) => k === 0 || (width + widths[k - 1]) / 2 + gap <= cell);
}

/** Keep every framed label, moved apart where they are too close, and others where there is room. */
function thinned(labels, pitch, width) {
  const framed = spread(
    labels.filter(({ framed }) => framed),
    pitch,
    width,
  );
  const kept = [...framed];
  const isFree = (x) => kept.every(({ at }) => Math.abs(at - x) >= pitch);
  for (const label of labels) if (!label.framed && isFree(label.x)) kept.push(label);
  return kept.sort((a, b) => a.column - b.column);
}

function spread(labels, pitch, width) {
  // Closer than `pitch` if even side by side they need more than the whole width.
  const apart = Math.min(pitch, width / Math.max(labels.length, 1));
  const placed = labels.map((label) => ({ ...label }));
  placed.forEach((label, k) => {
    if (k) label.at = Math.max(label.at, placed[k - 1].at + apart);
  });
  for (let k = placed.length - 1; k >= 0; k--) {
    const most = k === placed.length - 1 ? width - apart / 2 : placed[k + 1].at - apart;
    placed[k].at = Math.min(placed[k].at, most);
  }
  // What lies right of its column goes back half of the way, if its neighbour leaves room.
  placed.forEach((label, k) => {
    const least = k ? placed[k - 1].at + apart : apart / 2;
    if (label.at > label.x) label.at = Math.max(least, (label.at + label.x) / 2);
  });
  return placed;
}

/** How high labels are that lie at an angle: so much room they need above the cells. */
export function labelHeight(angle, widest, scale = 1) {
  const radians = (angle * Math.PI) / 180,
    line = LABEL.line * scale;
  return Math.max(
    LABEL.lowest * scale,
    Math.ceil(Math.sin(radians) * (widest + 6 * scale) + (Math.cos(radians) * line) / 2 + 8 * scale),
  );
}
