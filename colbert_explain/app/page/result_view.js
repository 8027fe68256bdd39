// What a page shows of a result: score, picture, read-out and text in its middle, and the sections below.

import { button, element } from "../web/dom.js";
import { plotlyOf } from "../figure/plotly.js";
import { headline } from "../heatmap/headline.js";
import { heatmap } from "../heatmap/heatmap.js";
import { readout } from "../heatmap/readout.js";
import { sections } from "../sections/sections.js";
import { links } from "../text/links.js";
import { presentation } from "../text/presentation.js";
import { documentText } from "../text/text.js";
import { pictureOf } from "./picture_file.js";

const PICTURES = { heatmap: "Heatmap", links: "Links" };

/** Make the view. `page` has `root` and `isStale()`, and gets what the parts ask of a page; `about` stands below the
 * headline.
 *
 * Returns `node`; `present`, the button that begins a presentation; `foot`, what stands below the middle of the page;
 * `show(waiting)`, which shows the result, or the sentence where there is none; `age(isOld)`, which dims what belongs
 * to texts other than those in the fields; and `destroy()`. */
export function resultView({ model, bus, page, about = [] }) {
  const parts = { model, bus, page };
  let picture = "heatmap";

  Object.assign(page, {
    loadPlotly: plotlyOf(model),
    announce: (text) => (said.textContent = text),
    goTo(first, stop) {
      if (picture !== "heatmap") choose("heatmap");
      map.goTo(first, stop);
      text.reveal(first);
      map.node.scrollIntoView({ block: "nearest" });
    },
    /** Bring a pair into view; the picture on show stays the one it is. */
    reveal({ row, column }) {
      const [left, right] = map.range ?? [];
      if (column < left || column > right) map.goTo(column, column + 1);
      map.goToRow(row);
    },
    forget: () => line.forget(),
    show: choose,
    arrange: () => map.arrange(),
    /** How high the heatmap's grid may be, so that a presented page needs no scrolling. */
    gridRoom(grid) {
      if (!page.root.classList.contains("ce-presenting")) return undefined;
      const { top } = node.getBoundingClientRect();
      const others = map.node.getBoundingClientRect().bottom - top - grid.offsetHeight;
      return node.parentElement.clientHeight - others - 1.5 * line.node.offsetHeight; // with its margins
    },
    picture: (kind) => pictureOf(model.get("result"), map, kind, page.loadPlotly),
  });

  const said = element("div", { className: "ce-unseen", role: "status", "aria-live": "polite" });
  const score = headline(parts);
  const map = heatmap(parts);
  const arcs = links(parts);
  const line = readout(parts);
  const text = documentText(parts);
  const below = sections(parts);
  const present = presentation(parts);
  const switches = Object.entries(PICTURES).map(([name, title]) =>
    button(title, () => choose(name), "ce-result-switch", { dataset: { picture: name, alone: "" } }),
  );
  const linksBar = element("div", { className: "ce-result-links-bar" });
  const chooser = element(
    "span",
    { className: "ce-result-chooser", role: "group", "aria-label": "Picture" },
    ...switches,
  );
  const linksPart = element("div", { className: "ce-result-links" }, linksBar, arcs.node);
  const query = element("p", { className: "ce-result-query", dir: "auto" });
  const empty = element("p", { className: "ce-result-waiting ce-muted" });
  const node = element(
    "main",
    { className: "ce-result" },
    query,
    score.node,
    ...about,
    empty,
    map.node,
    linksPart,
    line.node,
    element("div", { className: "ce-not-presented" }, text.node),
  );

  function choose(name) {
    picture = name;
    for (const made of switches) made.setAttribute("aria-pressed", String(made.dataset.picture === name));
    // The chooser stands at the beginning of whichever picture's bar is seen.
    (name === "heatmap" ? map.start : linksBar).append(chooser);
    map.picture.hidden = name !== "heatmap";
    map.node.hidden = name !== "heatmap" || !model.get("result").grid;
    linksPart.hidden = name !== "links" || !model.get("result").grid;
    if (name === "heatmap") map.arrange();
  }

  return {
    node,
    present: present.node,
    foot: [element("div", { className: "ce-not-presented" }, below.node), present.bar, said],
    show(waiting) {
      empty.hidden = Boolean(model.get("result").grid);
      empty.textContent = waiting;
      query.textContent = model.get("result").query ?? "";
      choose(picture);
    },
    age(isOld) {
      page.root.classList.toggle("ce-result-old", isOld);
      score.refresh();
    },
    destroy() {
      for (const part of [score, map, arcs, line, text, below, present]) part.destroy();
    },
  };
}
