// Figures of notebook cells in a dashboard, in the theme and width of the page. A figure is an element <ce-figure>
// around its data (views/charts/page_figure.py).
import { element } from "../web/dom.js";
import { darkened } from "./dark_colours.js";
import { figure } from "./figure.js";
import { addressOf, imported, plotlyOfPage } from "./plotly.js";

const system = window.matchMedia("(prefers-color-scheme: dark)");

// The sentence below a figure says what computed it (common_layout in views/charts/style.py).
const SOURCE = "source"; // the name of its annotation
const ABOUT = "What computed these figures";
const sentences = new Set();
const made = element(
  "details",
  { className: "ce-figure-source" },
  element("summary", { ariaLabel: ABOUT, title: ABOUT }, "i"),
);

/** Return the sentence of a figure and the pixels at its foot that hold it, `{ text, height }`, or null. */
function sourceOf({ annotations = [], margin = {} }) {
  const note = annotations.find(({ name }) => name === SOURCE);
  if (!note) return null;
  const markup = note.text.replaceAll("<br>", " ");
  const text = new DOMParser().parseFromString(markup, "text/html").body.textContent;
  return { text, height: margin.b + (note.yshift ?? 0) };
}

/** Return the sign that unfolds the sentences of all figures on the page, if it is not there yet; else add to it. */
function shownOnce(text) {
  if (!sentences.has(text)) {
    sentences.add(text);
    made.append(element("p", { textContent: text }));
  }
  return made.isConnected ? [] : [made];
}

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
