// How far a zoom goes: numbers only, no page.

/** Fewest columns that a zoom shows. */
export const CLOSEST = 4;

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

/** Return the value at a pixel of a side that runs from `start` for `length` pixels. */
export function valueAt(pixel, start, length, [first, last]) {
  const share = Math.min(Math.max((pixel - start) / length, 0), 1);
  return first + share * (last - first);
}

/** Return the zoom of a turn of the wheel. A notch is about a hundred pixels, three lines, or a page. */
export function wheelFactor({ deltaY, deltaMode }) {
  const notches = deltaY / [100, 3, 1][deltaMode];
  return 1.3 ** Math.min(Math.max(notches, -3), 3);
}

/** Check whether a value is the two ends of an axis, as numbers in order. */
export function isRange(value) {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1];
}
