// A sentence about what was just done, and the way back from it.
import { button, element } from "../web/dom.js";

/** Make the line. `say(sentence, undo, field)` replaces what it said; `undo` is called once, and then `onDone()`, since
 * the button is gone. */
export function notice({ onDone }) {
  const text = element("span");
  const back = button("Undo", () => {}, "ce-quiet");
  const node = element("p", { className: "ce-inputs-notice" }, element("span", { role: "status" }, text), back);
  let undo = null;

  function say(sentence, undoing = null, field = null) {
    text.replaceChildren(sentence, ...(field ? [field] : []));
    undo = undoing;
    back.hidden = !undoing;
    node.hidden = !sentence;
  }

  back.addEventListener("click", () => {
    const act = undo;
    say("");
    act?.();
    onDone();
  });
  say("");
  return { node, say };
}
