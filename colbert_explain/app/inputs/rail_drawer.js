// Where a document of the rail is edited: its name and its text.
import { button, element, labelled } from "../web/dom.js";
import { autoGrow } from "./auto_grow.js";

const SHARE_OF_WINDOW = 0.4;

/** Make the drawer. It holds one document at a time; what is typed counts at once. */
export function railDrawer({ typed, onPaste, guardPaste, onClose }) {
  const name = element("input", {
    type: "text",
    className: "ce-drawer-name",
    spellcheck: false,
    autocomplete: "off",
    maxLength: 60,
    dir: "auto",
  });
  const area = element("textarea", {
    className: "ce-drawer-text",
    rows: 3,
    placeholder: "Type or paste a document, or paste several, one per line",
    spellcheck: false,
    dir: "auto",
  });
  const grow = autoGrow(area, () => SHARE_OF_WINDOW * innerHeight);
  const node = element(
    "div",
    { className: "ce-drawer", role: "group", hidden: true },
    labelled("Name", name, "ce-drawer-field"),
    labelled("Text", area, "ce-drawer-field"),
    element(
      "div",
      { className: "ce-drawer-actions" },
      button("Done", () => close()),
    ),
  );
  let key = null;

  function show() {
    const index = typed.indexOf(key);
    if (index < 0) return close(false);
    const one = typed.documents[index];
    const shown = typed.names()[index];
    node.setAttribute("aria-label", `Edit ${shown}`);
    name.placeholder = one.name ? "" : shown;
    if (name !== document.activeElement) name.value = one.name;
    if (area.value !== one.text) {
      area.value = one.text;
      area.scrollTop = 0;
      grow.fit();
    }
  }

  function close(givesFocus = true) {
    if (key === null) return;
    const closed = key;
    key = null;
    node.hidden = true;
    onClose(closed, givesFocus);
  }

  name.addEventListener("change", () => typed.rename(key, name.value));
  area.addEventListener("input", () => typed.setText(key, area.value));
  area.addEventListener("paste", (event) => onPaste(event, key));
  area.addEventListener("drop", guardPaste);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });

  return {
    node,
    get key() {
      return key;
    },
    open(wanted, focusesName = false) {
      key = wanted;
      node.hidden = false;
      show();
      grow.fit();
      (focusesName ? name : area).focus();
    },
    show: () => key !== null && show(),
    close,
    destroy: grow.destroy,
  };
}
