// A Plotly figure on a page. It reports what the pointer touches as row and column, and leaves the wheel to the page.
import { atNextFrame, button, element } from "../web/dom.js";
import {
  cellOf,
  cellSide,
  contains,
  isClosest,
  isRange,
  isWhole,
  valueAt,
  wheelFactor,
  within,
  zoomed,
} from "./arithmetic.js";

const STEP = 1.6; // of a button

/** Make a figure in `place`, which decides its width. Nothing is drawn before `draw`.
 *
 * `loadPlotly()` returns a promise of Plotly. `onCell` is called with the cell under the pointer, or null; `onClick`
 * with a cell that was clicked; `onRange` with the ends of the columns' axis after the reader has moved it. A cell is
 * `{ row, column, part }`, part is "cell" or "bar"; the column of a bar is null. */
export function figure({ place, loadPlotly, onCell = () => {}, onClick = () => {}, onRange = () => {} }) {
  const plot = element("div", { className: "ce-figure-plot" });
  const out = button("−", () => zoom(STEP), "ce-figure-out");
  const closer = button("+", () => zoom(1 / STEP), "ce-figure-closer");
  out.ariaLabel = out.title = "Zoom out";
  closer.ariaLabel = closer.title = "Zoom in";
  const buttons = element("div", { className: "ce-figure-zoom", hidden: true }, out, closer);
  const note = element("p", { className: "ce-problem", role: "alert" });
  place.classList.add("ce-figure");
  place.append(plot, buttons, note);

  let plotly; // once it is loaded
  let wanted = null; // the figure to show
  let drawn = null; // the figure on show
  let next = null; // the range that the next frame shows
  let known = null; // the range that the owner knows
  let isPointing = false; // whether the owner believes that the pointer is on a cell
  let destroyed = false;

  /** Return whether a figure is to be drawn now. In a hidden place it waits until the place has a width. */
  function isWaiting() {
    if (!wanted || wanted === drawn) return false;
    // The observer does not see a place that is hidden and shown again before the next frame.
    if (!place.clientWidth) fit();
    return place.clientWidth > 0;
  }

  async function paint() {
    if (!isWaiting()) return;
    try {
      plotly = await loadPlotly();
      note.textContent = "";
    } catch {
      note.textContent = "The figure could not be drawn: its script did not arrive. Load the page again.";
      return;
    }
    if (destroyed || !isWaiting()) return;
    const isFirst = drawn === null;
    drawn = wanted;
    next = null;
    // A copy, because Plotly writes into what it is given.
    const { data, layout, config, frames } = structuredClone(drawn);
    await plotly.react(plot, {
      data,
      layout: { ...layout, width: width(), autosize: false },
      config: { displayModeBar: false, ...config, scrollZoom: false, responsive: false },
      frames,
    });
    if (destroyed) return;
    if (isFirst) listen();
    known = range();
    showButtons();
  }

  function listen() {
    plot.on("plotly_hover", (event) => point(touched(event)));
    plot.on("plotly_unhover", () => point(null));
    plot.on("plotly_click", (event) => {
      const cell = cellAt(event.event) ?? touched(event);
      if (cell) onClick(cell);
    });
    plot.on("plotly_relayout", () => {
      showButtons();
      const now = range();
      if (!now || (known && now[0] === known[0] && now[1] === known[1])) return;
      known = now;
      onRange(now);
    });
  }

  /** Return the heatmap's cell under the pointer. A click of Plotly's names what was there up to 50 ms before. */
  function cellAt({ clientX, clientY }) {
    const view = drawn?.data.some(({ type }) => type === "heatmap") && cellsInView();
    if (!view || !contains(view.area, clientX, clientY)) return null;
    const { area, columns, rows } = view;
    return {
      row: Math.round(valueAt(clientY, area.top, area.height, rows)),
      column: Math.round(valueAt(clientX, area.left, area.width, columns)),
      part: "cell",
    };
  }

  function point(cell) {
    if (!cell && !isPointing) return;
    isPointing = cell !== null;
    if (isPointing) addEventListener("pointermove", leave);
    else removeEventListener("pointermove", leave);
    onCell(cell);
  }

  // After a click Plotly does not say that the pointer has left: it had laid something over the page meanwhile.
  function leave({ clientX, clientY }) {
    if (!contains(plot.getBoundingClientRect(), clientX, clientY)) point(null);
  }

  /** The width to draw in: that of the place, or the figure's own if that is less. */
  function width() {
    return Math.min(place.clientWidth, drawn.layout.width ?? place.clientWidth);
  }

  function touched(event) {
    return event.points.map(cellOf).find(Boolean) ?? null;
  }

  /** The names of the axes of columns and rows: those of the heatmap. */
  function axes() {
    const trace = drawn?.data.find(({ type }) => type === "heatmap") ?? drawn?.data[0] ?? {};
    return { x: trace.xaxis ?? "x", y: trace.yaxis ?? "y" };
  }

  const layoutName = (axis) => `${axis[0]}axis${axis.slice(1)}`;
  const axis = (name) => plot.layout?.[layoutName(name)];

  /** The columns in view; null if the axis is not one of numbers, or does not move. */
  function range() {
    const columns = drawn && axis(axes().x);
    return columns && !columns.fixedrange && isRange(columns.range) ? [...columns.range] : null;
  }

  function limits() {
    const { minallowed, maxallowed } = axis(axes().x) ?? {};
    const ends = [minallowed, maxallowed];
    return isRange(ends) ? ends : null;
  }

  function plotArea() {
    const { x, y } = axes();
    return plot.querySelector(`.nsewdrag[data-subplot="${x}${y}"]`)?.getBoundingClientRect();
  }

  /** Where the cells lie in the window, the columns from left to right and the rows from top to bottom; or null. */
  function cellsInView() {
    const area = drawn && plotArea();
    const { x, y } = axes();
    const columns = axis(x)?.range;
    const rows = axis(y)?.range; // from the bottom up
    return area && columns && rows ? { area, columns, rows: [rows[1], rows[0]] } : null;
  }

  const move = atNextFrame(() => {
    if (!next || destroyed || !drawn) return;
    const { x } = axes();
    const names = Object.keys(plot.layout).filter((name) => /^xaxis\d*$/.test(name));
    const together = names.filter((name) => name === layoutName(x) || plot.layout[name].matches === x);
    plotly.relayout(plot, Object.fromEntries(together.map((name) => [`${name}.range`, [...next]])));
    next = null;
  });

  function zoom(factor, at) {
    const now = next ?? range();
    if (!now) return;
    next = zoomed(now, factor, at ?? (now[0] + now[1]) / 2, limits());
    move();
  }

  function showButtons() {
    const now = range();
    const ends = limits();
    const hasModeBar = drawn?.config?.displayModeBar; // it has such buttons
    buttons.hidden = !!hasModeBar || !now || !ends || (isWhole(now, ends) && isClosest(ends));
    if (buttons.hidden) return;
    out.disabled = isWhole(now, ends);
    closer.disabled = isClosest(now);
  }

  function onWheel(event) {
    if (!(event.ctrlKey || event.metaKey)) return;
    const now = next ?? range();
    const area = plotArea();
    if (!now || !area) return;
    event.preventDefault(); // the browser would zoom the page
    zoom(wheelFactor(event), valueAt(event.clientX, area.left, area.width, now));
  }

  const fit = atNextFrame(() => {
    if (destroyed || !place.clientWidth) return;
    if (wanted !== drawn) paint();
    else if (drawn && plot.layout.width !== width()) plotly.relayout(plot, { width: width() });
  });
  const observer = new ResizeObserver(fit);
  observer.observe(place);
  // For a page that enlarges its figures: a transform changes no heights.
  const heights = new ResizeObserver(([{ contentRect }]) =>
    place.style.setProperty("--ce-plot-height", `${contentRect.height}px`),
  );
  heights.observe(plot);
  place.addEventListener("wheel", onWheel, { passive: false });

  function clear() {
    if (drawn) plotly.purge(plot);
    drawn = next = known = null;
    buttons.hidden = true;
  }

  return {
    /** Show a figure, `{ data, layout, config, frames }`; null shows nothing. `label` says what it shows to those who
     * do not see it. Resolves when it is drawn, if it is visible. */
    draw(figure, label = "") {
      wanted = figure;
      plot.role = label ? "img" : null;
      plot.ariaLabel = label || null;
      place.hidden = !figure;
      if (!figure) clear();
      return paint();
    },

    /** Move the columns into view; `onRange` is not called. */
    setRange(ends) {
      if (!range()) return;
      next = known = within(ends, limits());
      move();
    },

    /** Return where a cell lies, in pixels from the top left of `place`; null if no figure is on show. */
    cellBox(row, column) {
      const view = cellsInView();
      if (!view) return null;
      const { area, columns, rows } = view;
      const origin = place.getBoundingClientRect();
      const [left, width] = cellSide(column, area.width, columns);
      const [top, height] = cellSide(row, area.height, rows);
      return { x: area.left - origin.left + left, y: area.top - origin.top + top, width, height };
    },

    destroy() {
      removeEventListener("pointermove", leave);
      destroyed = true;
      observer.disconnect();
      heights.disconnect();
      place.removeEventListener("wheel", onWheel);
      clear();
      place.replaceChildren();
    },
  };
}
