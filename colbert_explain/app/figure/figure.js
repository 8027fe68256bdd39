// A Plotly figure on a page. It leaves the wheel to the page, and zooms with Ctrl.
import { atNextFrame, element } from "../web/dom.js";
import { isRange, valueAt, wheelFactor, within, zoomed } from "./arithmetic.js";

/** Make a figure in `place`, which decides its width. Nothing is drawn before `draw`.
 *
 * `loadPlotly()` returns a promise of Plotly. `onRange` is called with the ends of the columns' axis after the reader
 * has moved it. */
export function figure({ place, loadPlotly, onRange = () => {} }) {
  const plot = element("div", { className: "ce-figure-plot" });
  const note = element("p", { className: "ce-problem", role: "alert" });
  place.classList.add("ce-figure");
  place.append(plot, note);

  let plotly; // once it is loaded
  let wanted = null; // the figure to show
  let drawn = null; // the figure on show
  let next = null; // the range that the next frame shows
  let known = null; // the range that the owner knows
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
    if (isFirst) plot.on("plotly_relayout", tell);
    known = range();
  }

  function tell() {
    const now = range();
    if (!now || (known && now[0] === known[0] && now[1] === known[1])) return;
    known = now;
    onRange(now);
  }

  /** The width to draw in: that of the place, or the figure's own if that is less. */
  function width() {
    return Math.min(place.clientWidth, drawn.layout.width ?? place.clientWidth);
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

  const move = atNextFrame(() => {
    if (!next || destroyed || !drawn) return;
    const { x } = axes();
    const names = Object.keys(plot.layout).filter((name) => /^xaxis\d*$/.test(name));
    const together = names.filter((name) => name === layoutName(x) || plot.layout[name].matches === x);
    plotly.relayout(plot, Object.fromEntries(together.map((name) => [`${name}.range`, [...next]])));
    next = null;
  });

  function onWheel(event) {
    if (!(event.ctrlKey || event.metaKey)) return;
    const now = next ?? range();
    const area = plotArea();
    if (!now || !area) return;
    event.preventDefault(); // the browser would zoom the page
    next = zoomed(now, wheelFactor(event), valueAt(event.clientX, area.left, area.width, now), limits());
    move();
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
  }

  return {
    /** Show a figure, `{ data, layout, config, frames }`; null shows nothing. Resolves when it is drawn, if it is
     * visible. */
    draw(figure) {
      wanted = figure;
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

    destroy() {
      destroyed = true;
      observer.disconnect();
      heights.disconnect();
      place.removeEventListener("wheel", onWheel);
      clear();
      place.replaceChildren();
    },
  };
}
