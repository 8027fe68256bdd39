// A button, and a panel below it that opens over the page: menus of the header.

import { dismissal } from "./dismissal.js";
import { button, element, freshId } from "./dom.js";

/** Make a popover. `setLabel` renames its button; `open` and `close` do what they say.
 *
 * It closes on Escape, and when the focus or a click goes elsewhere. */
export function popover(label, content, { onOpen = () => {} } = {}) {
  const panel = element("div", { className: "ce-popover-panel", id: freshId("popover"), hidden: true }, content);
  const text = element("span", { textContent: label });
  const opener = button("", () => (panel.hidden ? open() : close()), "ce-popover-button", {
    "aria-expanded": "false",
    "aria-controls": panel.id,
  });
  opener.append(text, element("span", { className: "ce-popover-arrow", textContent: "▾", "aria-hidden": "true" }));
  const node = element("div", { className: "ce-popover" }, opener, panel);

  const dismissed = dismissal(node, opener, close);

  function open() {
    panel.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    keepInWindow();
    dismissed.begin();
    onOpen();
  }

  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    dismissed.end();
  }

  // The panel stands below its button, and moves to the left where the window ends.
  function keepInWindow() {
    panel.style.left = "0px";
    const { right } = panel.getBoundingClientRect();
    const beyond = right + 8 - document.documentElement.clientWidth;
    if (beyond > 0) panel.style.left = `${-beyond}px`;
  }

  node.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !node.contains(event.relatedTarget)) close();
  });

  return { node, opener, panel, open, close, setLabel: (now) => (text.textContent = now) };
}
