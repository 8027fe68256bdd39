// What is the reader's own: a path that may be typed, and files that are dropped or chosen.
import { button, element, freshId, labelled, muted } from "../web/dom.js";
import { droppedFiles } from "./dropped_files.js";

/** Make `nodes` for a menu, a field for a path and buttons for files; `showPath(isAllowed)`; and `dropOn(place)`.
 *
 * `path` is `{ label, act, open }`: what is asked for, the word on its button, and what is called with the path.
 * `dropWords` stand before the buttons. `complain`, `say`, `onSent` and `takesAny` are as for `droppedFiles`. */
export function ownFiles({ model, path, dropWords, complain, say, onSent, takesAny = false }) {
  const field = element("input", { type: "text", spellcheck: false, autocomplete: "off", id: freshId("path") });
  const open = () => path.open(field.value);
  field.addEventListener("keydown", (event) => event.key === "Enter" && open());
  const row = element("div", { className: "ce-own-path" }, labelled(path.label, field), button(path.act, open));
  const drop = droppedFiles({ model, takesAny, complain, say, onSent });
  const files = element(
    "div",
    { className: "ce-own-files" },
    muted(dropWords),
    element("span", { className: "ce-own-buttons" }, ...drop.nodes),
  );
  return {
    nodes: [row, files],
    showPath: (isAllowed) => (row.hidden = !isAllowed),
    dropOn: drop.dropOn,
  };
}
