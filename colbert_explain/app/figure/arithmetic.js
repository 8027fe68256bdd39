// Where cells lie and how far a zoom goes: numbers only, no page.

/** Fewest columns that a zoom shows. */
const CLOSEST = 4;

/** Return the row and column of a point that Plotly reports; null for what is neither cell nor bar. */
export function cellOf({ x, y, data }) {
  if (data.type === "heatmap" && isNumber(x) && isNumber(y)) {
    return { row: Math.round(y), column: Math.round(x), part: "cell" };
  }
  if (data.type === "bar" && isNumber(y)) return { row: Math.round(y), column: null, part: "bar" };
  return null;
}

/** Zoom a range by a factor, less than 1 is closer. The value `at` stays where it is.
 *
 * `limits` are the ends that the range must not pass, or null. */
export function zoomed([left, right], factor, at, limits) {
  const most = limits ? limits[1] - limits[0] : Number.POSITIVE_INFINITY;
  const least = limits ? Math.min(CLOSEST, most) : 0;
  const width = Math.min(Math.max((right - left) * factor, least), most);
  const start = at - ((at - left) / (right - left)) * width;
  return within([start, start + width], limits);
}

/** Move a range so that it lies within the limits; its width stays. */
export function within([left, right], limits) {
  if (!limits) return [left, right];
  const width = Math.min(right - left, limits[1] - limits[0]);
  const start = Math.min(Math.max(left, limits[0]), limits[1] - width);
  return [start, start + width];
}

/** Check whether a range is as close as a zoom gets. */
export function isClosest([left, right]) {
  return right - left <= CLOSEST + 1e-6;
}

/** Check whether a range shows everything within the limits. */
export function isWhole([left, right], limits) {
  return left <= limits[0] + 1e-6 && right >= limits[1] - 1e-6;
}

/** Return the value at a pixel of a side that runs from `start` for `length` pixels. */
export function valueAt(pixel, start, length, [first, last]) {
  const share = Math.min(Math.max((pixel - start) / length, 0), 1);
  return first + share * (last - first);
}

/** Check whether a rectangle of the page contains a point. */
export function contains({ left, right, top, bottom }, x, y) {
  return left <= x && x <= right && top <= y && y <= bottom;
}

/** Return the pixels of a cell: where it starts and how long it is. An axis may run backwards. */
export function cellSide(index, length, [first, last]) {
  const ends = [index - 0.5, index + 0.5].map((value) => ((value - first) / (last - first)) * length);
  return [Math.min(...ends), Math.abs(ends[1] - ends[0])];
}

/** Return the zoom of a turn of the wheel. A notch is about a hundred pixels, three lines, or a page. */
export function wheelFactor({ deltaY, deltaMode }) {
  const notches = deltaY / [100, 3, 1][deltaMode];
  return 1.3 ** Math.min(Math.max(notches, -3), 3);
}

export function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

/** Check whether a value is the two ends of an axis, as numbers in order. */
export function isRange(value) {
  return Array.isArray(value) && value.length === 2 && value.every(isNumber) && value[0] < value[1];
}
