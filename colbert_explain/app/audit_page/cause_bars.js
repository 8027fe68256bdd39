// Why queries are lost: a bar for each main cause; choosing one says what it means and lists its queries, choosing it
// again lists all.
import { bind, button, counted, element, freshId, inWords } from "../web/dom.js";
import { withinDepth } from "./depth.js";

/** Make the figure. `onFilter(name)` is called with the chosen cause, or null. */
export function causeBars({ model, onFilter }) {
  const title = element("h2", { className: "ce-causes-title" });
  const list = element("ul", { className: "ce-plain-list" });
  const waiting = element("p", { className: "ce-causes-waiting ce-muted" });
  const node = element(
    "section",
    { className: "ce-causes", "aria-label": "Lost queries by cause" },
    title,
    list,
    waiting,
  );
  let chosen = null;

  function show() {
    const { causes = [], n_lost: lost = 0, has_causes: isKnown, rows, k } = model.get("audit");
    if (chosen !== null && isKnown && !causes.some(({ name }) => name === chosen)) choose(null);
    const losses = `${inWords(lost)} lost (not ${withinDepth(k)}), by cause`;
    title.textContent = !rows ? "" : lost ? losses : "No query is lost";
    waiting.hidden = Boolean(isKnown) || !lost;
    waiting.textContent = model.get("auditing").busy ? "Looking for causes …" : "The causes are not known.";
    const most = Math.max(1, ...causes.map(({ count }) => count));
    list.replaceChildren(...causes.map((cause) => bar(cause, most)));
    showChosen();
  }

  function bar({ name, said, count }, most) {
    const fill = element("span", { className: "ce-causes-fill" });
    fill.style.width = `${(100 * count) / most}%`;
    const meaning = element("p", { className: "ce-causes-said", id: freshId("cause"), textContent: said });
    const one = button("", () => choose(chosen === name ? null : name), "ce-causes-bar", {
      dataset: { cause: name },
      "aria-label": `${name}: ${counted(count, "query", "queries")}`,
      "aria-describedby": meaning.id,
    });
    one.append(
      element("span", { className: "ce-causes-name", textContent: name }),
      element("span", { className: "ce-causes-track", ariaHidden: "true" }, fill),
      element("span", { className: "ce-causes-count", textContent: inWords(count) }),
    );
    return element("li", {}, one, meaning);
  }

  function showChosen() {
    for (const line of list.children) {
      const [one, meaning] = line.children;
      const isChosen = one.dataset.cause === chosen;
      one.setAttribute("aria-pressed", String(isChosen));
      meaning.hidden = !isChosen;
    }
  }

  function choose(name) {
    chosen = name;
    showChosen();
    onFilter(chosen);
  }

  return { node, destroy: bind(model, { "audit auditing": show }) };
}
