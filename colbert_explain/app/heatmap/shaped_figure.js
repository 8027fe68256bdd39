// The figure that Python drew, fitted to the room on the page: its size, its axes, and what there is room for.
// The page writes the labels of rows and columns itself, beside the drawing.

export const EDGE = 2; // pixels around the drawing, so that frames at its edges are whole
// Pixels: of the whole picture, of the bars, between cells and bars; and what large type may take of the picture.
const BARS = { least: 800, width: 168, gap: 14, share: 0.2 };
const CORNERS = 6; // of a frame in its trace, with the gap behind it
const TICK = 9; // pixels: the height of a runner-up's mark
// How the numbers in cells are written, by the pixels that a cell needs for it: the widest that fits.
const NUMBERS = [
  { name: "full", least: 34, size: 12 }, // 0.87
  { name: "small", least: 26, size: 10 },
  { name: "short", least: 22, size: 10 }, // .87
];
// Pixels of a row, and of all of them while that is enough; `large` is a row of type that has grown, at least.
const ROW = { most: 32, least: 17, together: 320, large: 26, highest: 80 };

/** How high a row is, in pixels; rows that are given `room` fill it. */
export const rowHeight = (count, scale = 1, room = undefined) =>
  Math.floor(
    Math.min(
      Math.max((room ?? ROW.together * scale) / count, ROW.least * scale),
      (room === undefined ? ROW.most : ROW.highest) * scale,
    ),
  );

/** Return whether rows of type that has grown to a scale fit into so much `room`. */
export const fitsRows = (count, scale, room) => count * ROW.large * scale <= room;

// Rows that are shown at once: all while they are few, else a part of them.
const ROWS = { most: 40, part: 30, least: 4 };

/** Return how many rows are in the picture at once, or fit into so much `room`. */
export const rowsAtOnce = (count, scale, room = undefined) =>
  room === undefined
    ? count > ROWS.most
      ? ROWS.part
      : count
    : Math.min(count, Math.max(Math.floor(room / (ROW.least * scale)), ROWS.least));

/** Divide a width in pixels between cells and bars; bars are left out where the whole picture is narrow.
 *
 * Returns the widths of `cells` and `bars` (0 for none), where the bars begin, and where the drawing ends at its right. */
export function division(whole, width, scale = 1) {
  const widest = Math.max(BARS.width, BARS.share * whole);
  const bars = whole >= BARS.least ? Math.round(Math.min(BARS.width * scale, widest)) : 0;
  const cells = Math.max(width - 2 * EDGE - (bars && bars + BARS.gap), 1);
  const barsLeft = EDGE + cells + BARS.gap;
  return { bars, cells, barsLeft, right: bars ? barsLeft + bars : EDGE + cells };
}

/** Return how numbers are written in cells so wide: "full", "small", "short", or "" where none can be read. */
export const numbersIn = (cell, scale = 1) => NUMBERS.find(({ least }) => cell >= least * scale)?.name ?? "";

/** Return how clear the numbers in cells so wide are: the larger the clearer, 0 where none can be read. */
export const numbersRank = (cell, scale) => NUMBERS.filter(({ least }) => cell >= least * scale).length;

/** Write a similarity without its leading zero; a whole one with one decimal. */
export const shortNumber = (text) => text.replace(/^(−?)0\./, "$1.").replace(/^(−?1)\.00$/, "$1.0");

/** Return the trace with the numbers, as `numbersIn` says. */
function numbersTrace(trace, name, scale) {
  const { size } = NUMBERS.find((one) => one.name === name) ?? NUMBERS[0];
  return {
    visible: name !== "",
    textfont: { ...trace.textfont, size: Math.round(size * scale) },
    ...(name === "short" && { text: trace.text.map(shortNumber) }),
  };
}

/** Return frames without those of rows that are not in the picture: an edge of theirs would be seen at its edge. */
function framesOf(trace, [first, stop]) {
  const [x, y] = [[], []];
  for (let k = 0; k + CORNERS <= trace.y.length; k += CORNERS) {
    const row = trace.y[k] + 0.5; // a frame begins at its top
    if (row < first || row >= stop) continue;
    x.push(...trace.x.slice(k, k + CORNERS));
    y.push(...trace.y.slice(k, k + CORNERS));
  }
  return { x, y };
}

/** Return the figure for `division`, with `range` in view; `rows` are the first one and the one after the last, `height`
 * is that of a row, `numbers` what `numbersIn` says. */
export function shapedFigure({ data, layout, config }, { rows, height, parts, range, numbers, scale = 1 }) {
  const { cells, bars } = parts;
  const all = parts.right - EDGE;
  const ofBars = data.find(({ type }) => type === "bar")?.xaxis;
  const quiet = { showticklabels: false, ticks: "", automargin: false, fixedrange: true };
  const shown = data
    .filter((trace) => bars || trace.xaxis !== ofBars)
    .map((trace) => ({
      ...trace,
      ...(trace.type === "heatmap" && { showscale: false, hoverinfo: "none" }),
      ...(trace.name === "pinned" && { visible: false }), // drawn above all, by the page
      ...(trace.mode === "lines" && framesOf(trace, rows)),
      ...(trace.textfont && { textfont: { ...trace.textfont, size: Math.round(12 * scale) } }),
      ...(trace.name === "runner-up" && { marker: { ...trace.marker, size: Math.round(TICK * scale) } }),
      ...(trace.name === "numbers" && numbersTrace(trace, numbers, scale)),
    }));
  const shaped = {
    ...layout,
    annotations: [],
    height: (rows[1] - rows[0]) * height + 2 * EDGE,
    margin: { l: EDGE, r: EDGE, t: EDGE, b: EDGE, pad: 0 },
    font: { ...layout.font, size: Math.round(12 * scale) },
    dragmode: false,
    hovermode: false,
    xaxis: { ...layout.xaxis, ...quiet, fixedrange: false, range, domain: [0, cells / all] },
    yaxis: { ...layout.yaxis, ...quiet, range: [rows[1] - 0.5, rows[0] - 0.5] },
  };
  if (layout.xaxis2) shaped.xaxis2 = { ...layout.xaxis2, ...quiet, domain: [bars ? 1 - bars / all : 0.99, 1] };
  return { data: shown, layout: shaped, config: { ...config, displayModeBar: false } };
}
