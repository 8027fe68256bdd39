// What stands below the picture, in tabs. A section's data are asked for when it is first seen.

import { arrowKeys, button, element, freshId, keepKeys } from "../web/dom.js";
import { bestSentences } from "./best_sentences.js";
import { comparison } from "./compare.js";
import { exports } from "./export.js";
import { table } from "./table.js";

/** Show the sections of `result`, whose data Python puts into the trait `sections` after the event `section`.
 *
 * Python empties `sections` whenever it sends another result. Returns `node`, `open(name)` and `destroy()`. */
export function sections({ model, bus, page }) {
  const parts = [bestSentences, comparison, table, exports].map((part) => part({ model, bus, page }));
  const tabs = parts.map(tabOf);
  const list = element(
    "div",
    { className: "ce-sections-tabs", role: "tablist", "aria-label": "More about this result" },
    ...tabs,
  );
  const waiting = element("p", { className: "ce-sections-waiting ce-muted", textContent: "Computing …" });
  const root = element("section", { className: "ce-sections" }, list, waiting, ...parts.map(panelOf));

  let active = parts[0];
  let isSeen = false;
  const asked = new Set(); // names, since the last result

  function tabOf(part) {
    const tab = button(part.title, () => open(part.name), "ce-sections-tab", { id: freshId("tab"), role: "tab" });
    tab.addEventListener("keydown", (event) =>
      arrowKeys(event, tabs.indexOf(tab), tabs.length, (to) => {
        open(parts[to].name);
        tabs[to].focus();
      }),
    );
    return tab;
  }

  function panelOf(part, k) {
    part.node.id = freshId("panel");
    part.node.setAttribute("role", "tabpanel");
    part.node.setAttribute("aria-labelledby", tabs[k].id);
    tabs[k].setAttribute("aria-controls", part.node.id);
    return part.node;
  }

  function open(name) {
    active = parts.find((part) => part.name === name) ?? active;
    show();
  }

  function show() {
    const data = model.get("sections")?.[active.name];
    root.hidden = !model.get("result").grid;
    parts.forEach((part, k) => {
      const isActive = part === active;
      tabs[k].setAttribute("aria-selected", String(isActive));
      tabs[k].tabIndex = isActive ? 0 : -1;
      part.node.hidden = !isActive || !data;
    });
    waiting.hidden = !active.node.hidden;
    active.draw(data);
    if (data || root.hidden || !isSeen || asked.has(active.name)) return;
    asked.add(active.name);
    model.send({ event: "section", name: active.name });
  }

  function startAnew() {
    asked.clear();
    show();
  }

  keepKeys(root);
  const sight = new IntersectionObserver((entries) => {
    isSeen = entries.at(-1).isIntersecting;
    if (isSeen) show();
  });
  sight.observe(root);
  model.on("change:result", startAnew);
  model.on("change:sections", show);
  show();

  return {
    node: root,
    open,
    destroy() {
      sight.disconnect();
      model.off("change:result", startAnew);
      model.off("change:sections", show);
      for (const part of parts) part.destroy?.();
    },
  };
}
