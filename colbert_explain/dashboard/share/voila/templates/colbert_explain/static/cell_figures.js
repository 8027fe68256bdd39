// Figures of cells follow the page's theme and width. They come drawn in the light theme, by a renderer that knows no
// other and draws once: where the page is dark, every light colour of the package's palette is replaced by its dark
// counterpart, and back again.
// The table in the next line is what `dark_counterparts()` in colbert_explain/views/theme.py returns.
const CE_COLOURS = {"scale": {"#5b3102": "#ffc895", "#784302": "#eaad73", "#945610": "#d49352", "#aa6f36": "#be792e", "#bd8959": "#a56103", "#cfa37e": "#864e05", "#debfa5": "#633f18", "#ecdbce": "#422f1e", "#f8f8f8": "#1f2022", "#cfe0f8": "#23354b", "#a7c8f5": "#244975", "#81b0ee": "#235ea1", "#5d97e3": "#2c74c6", "#3b7ed4": "#478ddf", "#1765c1": "#66a6f3", "#004fa1": "#8bbffe", "#013b7b": "#b8d7ff"}, "only": {"raised": "#22262b", "halo": "#000000"}, "elsewhere": {"#1f2328": "#e6e8eb", "#5f6368": "#aab0b8", "#6b7077": "#949ba4", "#ffffff": "#15181c", "#e3e5e8": "#33383e", "#8c9198": "#7b828b", "#004fa1": "#7db2f5", "#d40f1f": "#ff5a66", "#000000": "#ffffff", "rgba(128, 128, 128, 0.38)": "rgba(140, 146, 154, 0.42)"}};

/** Copy a figure's data or layout with dark colours in it. */
function ceDarkened(value, key, within) {
  if (typeof value === "string") {
    if (within.scale) return CE_COLOURS.scale[value] ?? value;
    if (within.halo && key === "color") return CE_COLOURS.only.halo;
    if (within.hover && key === "bgcolor") return CE_COLOURS.only.raised;
    // In a label the colour stands in the markup.
    return CE_COLOURS.elsewhere[value]
      ?? value.replace(/(?<=<span style="[^"]*color:)#[0-9a-f]{6}/g, (c) => CE_COLOURS.elsewhere[c] ?? c);
  }
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value) || key === "template") return value;
  const inside = {
    scale: within.scale || key === "colorscale",
    halo: within.halo || value.name === "halo",
    hover: within.hover || key === "hoverlabel",
  };
  if (Array.isArray(value)) return value.map((item) => ceDarkened(item, key, inside));
  return Object.fromEntries(Object.entries(value).map(([k, item]) => [k, ceDarkened(item, k, inside)]));
}

{
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const drawn = new Map(); // figure to its light data and layout

  function redraw(figure) {
    const { data, layout } = drawn.get(figure);
    const [d, l] = system.matches ? [data, layout].map((part) => ceDarkened(part, "", {})) : [data, layout];
    // The part that a reader has moved to stays.
    for (const axis of Object.keys(l).filter((name) => /^[xy]axis/.test(name))) {
      l[axis] = { ...l[axis], range: figure._fullLayout[axis].range.slice() };
    }
    window.Plotly.react(figure, d, { ...l });
  }

  function follow() {
    for (const figure of document.querySelectorAll(".jp-RenderedPlotly.js-plotly-plot")) {
      if (drawn.has(figure) || !figure._fullLayout || !window.Plotly) continue;
      drawn.set(figure, { data: figure.data, layout: figure.layout });
      if (system.matches) redraw(figure);
    }
    for (const figure of drawn.keys()) if (!figure.isConnected) drawn.delete(figure);
  }

  // Only the width: Plotly's own way would take away the height.
  function fit() {
    for (const figure of drawn.keys()) {
      const width = figure.parentElement?.clientWidth;
      if (width && width !== figure._fullLayout.width) window.Plotly.relayout(figure, { width });
    }
  }

  let waiting;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(fit, 150);
  });
  system.addEventListener("change", () => [...drawn.keys()].forEach(redraw));
  new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });
}
