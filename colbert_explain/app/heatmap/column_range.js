// Which columns are in view. A range is [left, right] in columns: column k reaches from k - 0.5 to k + 0.5.

const FEWEST = 4; // columns in view

export const wholeRange = (count) => [-0.5, count - 0.5];

/** Put a range inside the document, no narrower than a few columns. */
export function clampedRange([left, right], count) {
  const width = Math.min(Math.max(right - left, Math.min(FEWEST, count)), count);
  const start = Math.min(Math.max((left + right - width) / 2, -0.5), count - 0.5 - width);
  return [start, start + width];
}

export function movedRange([left, right], by, count) {
  return clampedRange([left + by, right + by], count);
}

/** Show more columns (a factor above 1) or fewer, around the middle or a column. */
export function zoomedRange([left, right], factor, count, around = (left + right) / 2) {
  const width = Math.min(Math.max((right - left) * factor, Math.min(FEWEST, count)), count);
  const start = around - ((around - left) / (right - left)) * width;
  const stay = Math.min(Math.max(start, -0.5), count - 0.5 - width);
  return [stay, stay + width];
}

export const isInRange = ([left, right], column) => column > left && column < right;

/** Move a range no further than is needed to show a column whole, with a neighbour beside it. */
export function rangeWith([left, right], column, count) {
  const first = Math.max(column - 1.5, -0.5),
    last = Math.min(column + 1.5, count - 0.5);
  if (first >= left && last <= right) return [left, right];
  return movedRange([left, right], first < left ? first - left : last - right, count);
}

/** Put a column into the middle. */
export function rangeAround([left, right], column, count) {
  return movedRange([left, right], column - (left + right) / 2, count);
}

export const showsAll = ([left, right], count) => right - left > count - 0.01;

/** Choose where to open: `first` to `stop`, or where they are more than `most` columns, those that add most. */
export function openingRange(rows, [first, stop], most) {
  if (stop - first <= most) return [first - 0.5, stop - 0.5];
  const matches = rows.filter(({ column }) => column !== null && column >= first && column < stop);
  let best = { start: first, sum: -Infinity };
  for (let start = first; start + most <= stop; start++) {
    const held = matches.filter(({ column }) => column >= start && column < start + most);
    const sum = held.reduce((total, { value }) => total + value, 0);
    if (sum > best.sum + 1e-9) best = { start, sum };
  }
  return [best.start - 0.5, best.start + most - 0.5];
}

/** List the columns of the matches that lie beyond either end, the nearest first; one entry per row. */
export function matchesOutside(rows, [left, right]) {
  const columns = rows.map(({ column }) => column).filter((column) => column !== null);
  return {
    left: columns.filter((column) => column <= left).sort((a, b) => b - a),
    right: columns.filter((column) => column >= right).sort((a, b) => a - b),
  };
}
