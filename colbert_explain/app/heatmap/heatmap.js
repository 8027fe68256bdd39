// The heatmap: query rows over document columns, with what each row adds, and the reader's way through them.
import { bind, button, counted, decimal, element, inWords } from "../web/dom.js";
import { figure } from "../figure/figure.js";
import {
  clampedRange,
  isInRange,
  showsAll,
  matchesOutside,
  movedRange,
  openingRange,
  rangeAround,
  rangeWith,
  wholeRange,
  zoomedRange,
} from "./column_range.js";
import { LABEL } from "./column_labels.js";
import { gridLabels } from "./labels.js";
import { legend } from "./legend.js";
import { numberGrid } from "./number_grid.js";
import { overlay } from "./overlay.js";
import { watchPointer } from "./pointer.js";
import { rowPart } from "./row_part.js";
import {
  division,
  EDGE,
  fitsRows,
  numbersIn,
  numbersRank,
  rowHeight,
  rowsAtOnce,
  shapedFigure,
} from "./shaped_figure.js";
import { strip } from "./strip.js";
import { toolbar } from "./toolbar.js";
import { walked } from "./walk.js";

const ZOOM = 1.6; // of a button
// Pixels of a column where the page opens: of a document that is shown whole, and of a part, with numbers in its cells.
const NARROWEST = { whole: 10, part: 34 };
const LARGEST_TYPE = 2.8; // times the type of the page, where it may grow

/** Make the heatmap of `result`. `page.loadPlotly()` returns a promise of Plotly.
 *
 * `page.gridRoom(grid)` may say how many pixels labels and rows may be high. Returns `node`; `start`, an empty place at
 * the beginning of its toolbar; `picture`, the part below the toolbar. */
export function heatmap({ model, bus, page }) {
  const bar = toolbar({ onOptions: choose, onZoom: zoom });
  const labels = gridLabels({
    onPoint: (place) => bus.point(place && pairOfLabel(place)),
    onClick: (place) => pin(pairOfLabel(place)),
  });
  const place = element("div", { className: "ce-heatmap-place" });
  const over = overlay();
  const grid = element(
    "div",
    { className: "ce-heatmap-grid", tabIndex: 0, role: "application", "aria-roledescription": "heatmap" },
    labels.corner,
    labels.columnLayer,
    labels.rowLayer,
    place,
    over.node,
  );
  const [back, on] = ["left", "right"].map((side) => button("", () => leadTo(side), `ce-quiet ce-heatmap-${side}`));
  const whole = strip({ onMove: (range) => show(range) });
  const foot = element("div", { className: "ce-heatmap-foot", hidden: true }, back, whole.node, on);
  const key = legend();
  const part = rowPart({ onMove: () => layout && draw(), onSize: () => arrange() });
  const picture = element("div", { className: "ce-heatmap-picture" }, grid, part.node, foot, key.node);
  const node = element("div", { className: "ce-heatmap" }, bar.node, picture);

  grid.setAttribute("aria-describedby", bar.keysId);

  const drawing = figure({ place, loadPlotly: page.loadPlotly, onRange: moved });
  let result = null,
    numbers = null,
    least = []; // similarity of each column
  let range = null,
    opened = null; // columns in view now, and where the page opened
  let layout = null; // what was chosen for the room there is: { parts, height, scale, numbers }
  let geometry = null; // where the cells lie in `grid`
  let dragStart = null;

  const rows = () => result.grid.rows;
  const count = () => result.grid.columns.length;

  function take() {
    const next = model.get("result");
    const before = result;
    result = next?.grid?.columns.length && next.grid.rows.length ? next : null;
    node.hidden = !result;
    if (!result) {
      geometry = layout = null;
      return drawing.draw(null);
    }
    numbers = numberGrid(result.figure.data.find(({ type }) => type === "heatmap").z);
    least = result.grid.columns.map((_, column) => Math.min(...rows().map((_, row) => numbers.at(row, column) ?? 0)));
    grid.ariaLabel = `Heatmap of ${rows().length} query ${unitOf(rows().length)} and ${inWords(count())} document ${unitOf(count())}`;
    bar.show(optionsOf(model), result.grid.hidden);
    const isSame = before?.document === result.document && before.grid.columns.length === count();
    if (!isSame) range = geometry = layout = null; // chosen for the room, in arrange
    part.take(rows());
    arrange();
  }

  const unitOf = (n) => (n === 1 ? result.grid.unit : `${result.grid.unit}s`);

  /** Arrange anew where the room is another one: if the reader has not moved, as many columns as now fit. */
  function rearrange() {
    if (range === opened) range = null;
    arrange();
  }

  /** Fit everything into the room that there is, and draw. */
  function arrange() {
    const width = grid.clientWidth;
    if (!result || !width) return; // hidden: the observer calls again
    grid.style.fontSize = "";
    const style = getComputedStyle(grid);
    const least = Number.parseFloat(style.fontSize) / 14;
    const room = page.gridRoom?.(grid);
    let fit = largestFit(least, style.fontFamily, width, room);
    if (part.fit(fit.rows) && room !== undefined) {
      fit = largestFit(least, style.fontFamily, width, page.gridRoom(grid)); // beside the bar
      part.fit(fit.rows);
    }
    if (room !== undefined) grid.style.fontSize = `${14 * fit.scale}px`;
    const { left, parts, scale, chosen } = fit;
    if (!range) opened = fit.range;
    range = fit.range;
    labels.draw();
    const ofRows = room === undefined ? undefined : room - labels.height(chosen.angle) - 2 * EDGE;
    layout = { left, parts, scale, height: rowHeight(fit.rows, scale, ofRows), angle: null };
    layout.isPresented = room !== undefined;
    grid.style.setProperty("--ce-heatmap-left", `${left}px`);
    grid.style.setProperty("--ce-heatmap-right", `${width - left - parts.right - EDGE}px`);
    key.show(result.figure, result.grid, parts.bars);
    whole.show(result);
    draw();
  }

  /** Fit the picture into a width, with the largest type that the room has place for: `room` is undefined where the
   * page scrolls, and the type stays as it is. */
  function largestFit(least, family, width, room) {
    const fitAt = (scale) => fitted(scale, family, width);
    const smallest = fitAt(least);
    const left = room === undefined ? undefined : room - labels.height(smallest.chosen.angle) - 2 * EDGE;
    const n = part.wantsAll && room === undefined ? rows().length : rowsAtOnce(rows().length, least, left);
    for (let scale = room === undefined ? 0 : LARGEST_TYPE; scale > least; scale -= 0.1) {
      if (!fitsRows(n, scale, room)) continue; // before anything is measured
      const fit = fitAt(scale);
      const isWhole = fit.range[1] - fit.range[0] >= smallest.range[1] - smallest.range[0];
      const isAsClear =
        fit.chosen.angle <= Math.max(smallest.chosen.angle, LABEL.slant) && fit.numbers >= smallest.numbers;
      if (isWhole && isAsClear && fitsRows(n, scale, room - labels.height(fit.chosen.angle))) {
        return { ...fit, rows: n };
      }
    }
    return { ...fitAt(least), rows: n }; // again: the labels keep what was measured last
  }

  /** Divide a width between labels, cells and bars, for type of a scale. */
  function fitted(scale, family, width) {
    const left = labels.measure(result.grid, { font: `${13 * scale}px ${family}`, scale }, width);
    let parts = division(width, width - left, scale);
    const seen = range ?? openingOf(parts, scale);
    const columns = seen[1] - seen[0];
    let chosen = labels.choose(seen, parts.cells / columns);
    if (!parts.bars) parts = division(width, width - left - labels.overhang(chosen, parts.cells), scale);
    chosen = labels.choose(seen, parts.cells / columns);
    return { scale, left, parts, range: seen, chosen, numbers: numbersRank(parts.cells / columns, scale) };
  }

  /** The columns in view where the page opens. */
  function openingOf(parts, scale) {
    const fits = (least) => Math.max(4, Math.floor(parts.cells / (least * scale)));
    const isAll = result.opening[1] - result.opening[0] === count() && count() <= fits(NARROWEST.whole);
    return isAll ? wholeRange(count()) : openingRange(rows(), result.opening, fits(NARROWEST.part));
  }

  async function draw() {
    const { parts, height, scale } = layout;
    layout.numbers = numbersIn(parts.cells / (range[1] - range[0]), scale);
    const shaped = shapedFigure(result.figure, {
      rows: part.range,
      height,
      parts,
      range: [...range],
      numbers: layout.numbers,
      scale,
    });
    place.style.height = `${shaped.layout.height}px`;
    follow();
    await drawing.draw(shaped);
    if (!layout) return;
    if (shaped.layout.xaxis.range.some((end, k) => end !== range[k])) drawing.setRange(range); // moved meanwhile
    follow();
  }

  /** Move the columns in view. */
  function show(next) {
    if (!layout) return;
    range = next === opened ? opened : clampedRange(next, count());
    if (numbersIn(layout.parts.cells / (range[1] - range[0]), layout.scale) !== layout.numbers) return draw();
    drawing.setRange(range);
    follow();
  }

  /** The reader has zoomed with the wheel. */
  function moved(next) {
    show(next);
  }

  /** Put labels, marks and controls where the range wants them. */
  function follow() {
    const { parts, left, height } = layout;
    const width = range[1] - range[0],
      cell = parts.cells / width;
    const [first, stop] = part.range;
    const chosen = labels.choose(range, cell);
    if (chosen.angle !== layout.angle) {
      layout.angle = chosen.angle;
      grid.style.setProperty("--ce-heatmap-top", `${labels.height(chosen.angle)}px`);
    }
    geometry = {
      left: left + EDGE,
      top: place.offsetTop + EDGE,
      width: parts.cells,
      cell,
      height,
      rows: stop - first,
      has: part.has,
      right: left + parts.right,
      box: ({ row, column }) => ({
        x: left + EDGE + (column - 0.5 - range[0]) * cell,
        y: place.offsetTop + EDGE + (row - first) * height,
        width: cell,
        height,
      }),
    };
    labels.place(chosen, { left: EDGE, top: EDGE, cell, height, first, stop }, parts.bars && parts.barsLeft);
    const beyond = matchesInPart();
    const isAll = showsAll(range, count());
    foot.hidden = isAll;
    for (const [made, side] of [
      [back, "left"],
      [on, "right"],
    ]) {
      const n = beyond[side].length,
        matches = counted(n, "match", "matches");
      made.textContent = side === "left" ? `‹ ${matches} left` : `${matches} right ›`;
      made.ariaLabel = `${matches} to the ${side}`;
      made.disabled = !n;
    }
    bar.showZoom({
      closer: width > 4.01 && count() > 4 && (!isAll || layout.numbers !== "full"),
      out: !isAll,
      reset: Math.abs(range[0] - opened[0]) + Math.abs(range[1] - opened[1]) > 0.01,
    });
    whole.setRange(range);
    key.cover(Math.min(0, ...leastInView()));
    light();
  }

  /** The columns of the matches beside the picture, of the rows in it. */
  const matchesInPart = () => matchesOutside(rows().slice(...part.range), range);

  const leastInView = () => least.slice(Math.max(0, Math.ceil(range[0])), Math.floor(range[1]) + 1);

  function leadTo(side) {
    const [next] = matchesInPart()[side];
    if (next !== undefined) show(rangeAround(range, next, count()));
    const pressed = side === "left" ? back : on;
    if (pressed.disabled) grid.focus({ preventScroll: true }); // a button without use keeps no focus
  }

  function zoom(what) {
    if (what === "reset") return show(opened);
    if (!layout) return;
    const around = bus.shown && isInRange(range, bus.shown.column) ? bus.shown.column : undefined;
    show(zoomedRange(range, what === "in" ? 1 / ZOOM : ZOOM, count(), around));
  }

  function choose(options) {
    model.set("options", options);
    model.save_changes();
  }

  function light() {
    if (!result || !geometry) return;
    const { focus, pinned } = bus;
    labels.light(focus, pinned);
    const label = focus && !labels.hasColumn(focus.column) ? result.grid.columns[focus.column]?.label : "";
    over.show(focus, pinned, geometry, label, layout.isPresented ? numberLeftOut(focus) : "");
    whole.light(bus);
    key.sayPinned(layout.isPresented && pinned !== null); // those who look on have not pinned it
  }

  /** The similarity of a cell in which no number is drawn. */
  function numberLeftOut(pair) {
    const value = pair && numbers.at(pair.row, pair.column);
    const isDrawn = pair && layout.numbers && rows()[pair.row].column === pair.column;
    return typeof value === "number" && !isDrawn ? decimal(value) : "";
  }

  /** The pair that a label stands for: a row with its match, a column with the row that is nearest to it. */
  function pairOfLabel({ row, column }) {
    if (row !== undefined) return bus.pairOfRow(row);
    return bus.pairOfColumn(column) ?? { row: result.grid.columns[column].nearest, column };
  }

  function cellAt(x, y) {
    if (!geometry) return null;
    const row = part.range[0] + Math.floor((y - EDGE) / geometry.height);
    if (!part.has(row)) return null;
    const { parts } = layout;
    if (parts.bars && x >= parts.barsLeft) return bus.pairOfRow(row);
    const column = Math.round(range[0] + (x - EDGE) / geometry.cell);
    return x >= EDGE && x < EDGE + parts.cells && column >= 0 && column < count() ? { row, column } : null;
  }

  function pin(pair) {
    if (pair) bus.pin(pair);
  }

  /** Where the keys begin: at the pinned pair, else at a match, if it is in view. */
  function startInView() {
    const isSeen = (pair) => pair && part.has(pair.row) && isInRange(range, pair.column);
    if (isSeen(bus.pinned)) return bus.pinned;
    return (
      rows()
        .map((_, row) => bus.pairOfRow(row))
        .find(isSeen) ?? { row: part.range[0], column: Math.ceil(range[0]) }
    );
  }

  function onKey(event) {
    if (!layout || event.ctrlKey || event.metaKey || event.altKey || event.target !== grid) return;
    const at = bus.shown ?? startInView();
    if (event.key === "Escape" && bus.pinned) bus.pin(null);
    else if (event.key === "Enter" || event.key === " ") bus.pin(at);
    else {
      const next = walked(at, event, rows(), count(), Math.max(1, Math.floor(range[1] - range[0]) - 1));
      if (!next) return;
      const seen = rangeWith(range, next.column, count());
      if (seen[0] !== range[0]) show(event.key.toLowerCase() === "n" ? rangeAround(range, next.column, count()) : seen);
      part.show(next.row);
      bus.point(next);
    }
    event.preventDefault();
    event.stopPropagation(); // JupyterLab has commands on single keys
  }

  grid.addEventListener("keydown", onKey);
  grid.addEventListener("focus", () => {
    if (!layout || !grid.matches(":focus-visible")) return;
    bar.node.classList.add("ce-heatmap-walking");
    if (!bus.focus) bus.point(startInView());
  });
  grid.addEventListener("blur", () => {
    bar.node.classList.remove("ce-heatmap-walking");
    bus.point(null);
  });
  const endPointer = watchPointer(place, {
    cellAt,
    onPoint: (cell) => bus.point(cell),
    onClick: pin,
    canDrag: () => layout && !showsAll(range, count()),
    onDrag(pixels, isFirst) {
      if (isFirst) {
        dragStart = range;
        bus.point(null);
      } else show(movedRange(dragStart, -pixels / geometry.cell, count()));
    },
  });
  const offBus = bus.onChange(light);
  const observer = new ResizeObserver(() => {
    if (result && grid.clientWidth && grid.clientWidth !== widthDrawn) {
      widthDrawn = grid.clientWidth;
      rearrange();
    }
  });
  let widthDrawn = 0;
  observer.observe(grid);
  const unbind = bind(model, { result: take, options: () => result && bar.show(optionsOf(model), result.grid.hidden) });

  return {
    node,
    start: bar.start,
    picture,
    /** Measure anew: the size of the type, or the room, has changed. */
    arrange: rearrange,
    /** Scroll to a row. */
    goToRow(row) {
      part.show(row);
      labels.rowNode(row)?.scrollIntoView({ block: "nearest" });
    },
    /** Bring columns into view, from `first` to the one before `stop`. */
    goTo(first, stop) {
      if (!result) return;
      const width = range[1] - range[0];
      show(
        stop - first > width ? [first - 0.5, first - 0.5 + width] : rangeAround(range, (first + stop - 1) / 2, count()),
      );
    },
    /** The columns in view, as an axis range. */
    get range() {
      return range;
    },
    destroy() {
      unbind();
      offBus();
      endPointer();
      observer.disconnect();
      drawing.destroy();
      whole.destroy();
    },
  };
}

const optionsOf = (model) => ({ level: "word", order: "text", unscored: false, ...model.get("options") });
