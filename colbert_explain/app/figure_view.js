// A figure without a way back to Python. Plotly's figure widget puts its script in window.Plotly.

function render({ model, el }) {
  const place = document.createElement("div");
  place.className = "ce-figure";
  place.setAttribute("role", "img");
  const note = document.createElement("p");
  note.className = "ce-figure-note";
  el.append(place, note);

  let waiting;
  let tries = 0;
  function draw() {
    clearTimeout(waiting);
    const written = model.get("figure");
    place.setAttribute("aria-label", model.get("label"));
    place.hidden = !written;
    note.textContent = "";
    if (!written) {
      if (place.data) window.Plotly?.purge(place);
      return;
    }
    // Hidden it has no width; the heatmap's widget may still be on its way.
    if (!window.Plotly || !place.clientWidth) {
      if (window.Plotly || ++tries < 100) waiting = setTimeout(draw, window.Plotly ? 400 : 200);
      else note.textContent = "The figure could not be drawn: Plotly is not in this page.";
      return;
    }
    const { data, layout } = JSON.parse(written);
    place.style.minHeight = `${layout.height}px`;
    window.Plotly.react(place, data, { ...layout, autosize: true }, model.get("config"));
  }

  const observer = new ResizeObserver(() => {
    if (!place.clientWidth || !model.get("figure")) return;
    if (place.data) window.Plotly?.Plots.resize(place);
    else draw();
  });
  observer.observe(place);
  draw();
  model.on("change:figure", draw);
  return () => {
    clearTimeout(waiting);
    observer.disconnect();
    model.off("change:figure", draw);
    if (place.data) window.Plotly?.purge(place);
  };
}

export default { render };
