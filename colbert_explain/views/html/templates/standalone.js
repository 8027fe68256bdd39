"use strict";
(() => {
  const page = JSON.parse(document.getElementById("ce-figures").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const PRINT_WIDTH = 900; // the style sheet shrinks it to a sheet of A4
  const root = document.documentElement;
  const held = root.classList.contains("ce-dark");
  let printing = false;

  function draw() {
    for (const [id, { figure, dark: differences }] of Object.entries(page.figures)) {
      const { data, layout } = structuredClone(figure); // Plotly writes into what it is given
      if (dark.matches && !printing) {
        for (const [path, value] of differences) {
          const owner = path.slice(0, -1).reduce((part, key) => part[key], { data, layout });
          owner[path.at(-1)] = structuredClone(value);
        }
      }
      if (printing) layout.width = PRINT_WIDTH;
      Plotly.react(id, data, layout, page.config);
    }
  }

  // Plotly warns of marks that take their colour from a scale, once for each.
  Plotly.setPlotConfig({ logging: 0 });
  dark.addEventListener("change", draw);
  window.addEventListener("beforeprint", () => {
    printing = true;
    if (!held) root.classList.add("ce-light");
    for (const part of document.querySelectorAll("details:not([open])")) {
      part.open = true;
      part.dataset.closed = "";
    }
    draw();
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    if (page.theme === "auto") root.classList.remove("ce-light");
    for (const part of document.querySelectorAll("details[data-closed]")) {
      part.open = false;
      delete part.dataset.closed;
    }
    draw();
  });
  draw();
})();
