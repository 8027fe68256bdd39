// A picture of the heatmap as a file, drawn by Plotly from what is on show.

/** Return a promise of a Blob; `figure` is that of a result, `map` shows it, `kind` is "png" or "svg". */
export async function pictureOf(figure, map, kind, loadPlotly) {
  if (!figure) throw new Error("there is no heatmap yet");
  const plotly = await loadPlotly();
  const { data, layout } = structuredClone(figure);
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
