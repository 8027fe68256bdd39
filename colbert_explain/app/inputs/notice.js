// A sentence about what was just done, and the way back from it.
import { button, element } from "../web/dom.js";

/** Make the line. `say(sentence, undo, field)` replaces what it said; `undo` is called once, and then `onDone()`, since
 * the button is gone. `pass()` tells that something else was done since: the line goes, but not while the keyboard
 * or the pointer is on it. No clock takes it away, because some readers need their time to get to the button. */
export function notice({ onSay, onDone }) {
  const text = element("span");
  const back = button("Undo", () => {}, "ce-quiet");
  const node = element("p", { className: "ce-inputs-notice" }, element("span", { role: "status" }, text), back);
  let undo = null;
  let isPast = false; // whether the line goes as soon as nobody is on it

  function say(sentence, undoing = null, field = null) {
    text.replaceChildren(sentence, ...(field ? [field] : []));
    undo = undoing;
    isPast = false;
    onSay();
    back.hidden = !undoing;
    node.hidden = !sentence;
  }

  function pass() {
    isPast = true;
    leave();
  }

  function leave() {
    if (isPast && !node.matches(":hover, :focus-within")) say("");
  }

  // The focus has moved on, and the pointer has left, only after these events.
  for (const name of ["focusout", "pointerleave"]) node.addEventListener(name, () => setTimeout(leave));
  back.addEventListener("click", () => {
    const act = undo;
    say("");
    act?.();
    onDone();
  });
  say("");
  return { node, say, pass };
}
