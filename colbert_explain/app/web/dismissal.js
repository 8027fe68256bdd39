// How a panel that lies over the page closes: by Escape wherever the focus is, and by a press outside.

const open = new Set(); // what closes each open panel

/** Close a panel by `close` between `begin()`, when it opens, and `end()`, when it has closed.
 *
 * `node` holds the panel and `opener`, its button, which gets a focus that Escape would lose. */
export function dismissal(node, opener, close) {
  const onPress = (event) => !node.contains(event.target) && close();

  function onKey(event) {
    if (event.key !== "Escape") return;
    // Escape does one thing: it neither ends a presentation nor unpins a pair behind the panel.
    event.preventDefault();
    event.stopImmediatePropagation();
    const hasFocus = node.contains(document.activeElement);
    close();
    if (hasFocus) opener.focus();
  }

  return {
    begin() {
      open.add(close);
      window.addEventListener("keydown", onKey, true);
      document.addEventListener("pointerdown", onPress, true);
    },
    end() {
      open.delete(close);
      window.removeEventListener("keydown", onKey, true);
      document.removeEventListener("pointerdown", onPress, true);
    },
  };
}

/** Close the panels that are open; return whether there were any. */
export function closePanels() {
  const panels = [...open];
  for (const close of panels) close();
  return panels.length > 0;
}
