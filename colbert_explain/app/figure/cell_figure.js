// Figures of notebook cells in a dashboard, in the theme and width of the page. A figure is an element <ce-figure>
// around its data (views/charts/page_figure.py).
import { element } from "../web/dom.js";
import { darkened } from "./dark_colours.js";
import { figure } from "./figure.js";
import { shownOnce, sourceOf } from "./figure_source.js";
import { addressOf, imported, plotlyOfPage } from "./plotly.js";

const system = window.matchMedia("(prefers-color-scheme: dark)");

class CellFigure extends HTMLElement {
  #written;
  #shown;

  connectedCallback() {
    if (this.#shown) return; // moved to another place
    // Read once: put into a page anew, the element has only its drawing inside.
    this.#written ??= JSON.parse(this.querySelector("script").textContent);
    const place = element("div");
    this.replaceChildren(place);
    const { script } = this.#written;
    this.#shown = figure({ place, loadPlotly: () => plotlyOfPage(() => imported(addressOf(script))) });
    system.addEventListener("change", this.#draw);
    this.#draw();
  }

  disconnectedCallback() {
    // Voilà's script moves all cells once: an element that is moved is back in the page at the next step.
    queueMicrotask(() => {
      if (this.isConnected || !this.#shown) return;
      system.removeEventListener("change", this.#draw);
      this.#shown.destroy();
      this.#shown = null;
    });
  }

  #draw = () => {
    const { figure: light, colours } = this.#written;
    const { data, layout, ...rest } = system.matches ? darkened(light, colours) : light;
    const config = { displayModeBar: "hover", ...rest.config };
    // With the same "uirevision" the part that a reader has moved to stays.
    this.#shown.draw({ ...rest, data, layout: { uirevision: "reader", ...layout }, config });
    this.#foldSource(layout);
  };

  /** Show what computed the figure once on the page, behind a sign. In a saved picture it stands below the figure. */
  #foldSource(layout) {
    const source = sourceOf(layout);
    if (!source) return;
    const plot = this.querySelector(".ce-figure-plot");
    plot.style.height = `${layout.height - source.height}px`;
    if (!this.querySelector(".ce-figure-source")) this.append(...shownOnce(source.text));
  }
}

customElements.define("ce-figure", CellFigure);
