// A picture of the heatmap as a file, drawn by Plotly from what is on show.

const LINE = 16; // pixels of a line of the source

/** Return a promise of a Blob; `result` has the figure, `map` shows it, `kind` is "png" or "svg". */
export async function pictureOf(result, map, kind, loadPlotly) {
  if (!result.figure) throw new Error("there is no heatmap yet");
  const plotly = await loadPlotly();
  const { data, layout } = structuredClone(result.figure);
  addSource(layout, result.source);
  const size = { width: Math.max(map.node.clientWidth, 600), height: layout.height };
  layout.xaxis.range = [...map.range];
  const url = await plotly.toImage({ data, layout }, { format: kind, scale: kind === "png" ? 2 : 1, ...size });
  // Not by fetch: a page's policy may forbid it for data addresses.
  const comma = url.indexOf(",");
  const [head, body] = [url.slice(0, comma), url.slice(comma + 1)];
  if (!head.endsWith(";base64")) return new Blob([decodeURIComponent(body)], { type: "image/svg+xml" });
  const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: kind === "png" ? "image/png" : "image/svg+xml" });
}

/** Write below a figure which model it is of, as whoever opens the file later does not see the page. */
function addSource(layout, source) {
  const below = layout.margin.b;
  const height = LINE * source.split("<br>").length + 6;
  layout.margin = { ...layout.margin, b: below + height };
  layout.height += height;
  layout.annotations = [
    ...layout.annotations,
    {
      text: source,
      xref: "paper",
      yref: "paper",
      x: 0,
      y: 0,
      xanchor: "left",
      yanchor: "top",
      xshift: -layout.margin.l,
      yshift: -below,
      align: "left",
      showarrow: false,
      font: { size: 11, color: layout.annotations[0].font.color },
    },
  ];
}
