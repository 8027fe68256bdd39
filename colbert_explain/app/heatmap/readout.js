// The line beneath the picture that says what the reader points at.
import { bind, button, element } from "../web/dom.js";
import { isSame } from "../web/pair_bus.js";
import { numberGrid } from "./number_grid.js";
import { pairParts, pairSentence } from "./pair_words.js";

const QUIET = 350; // milliseconds that the reader stays on a pair before a screen reader says it
const EMPTY = "Point at a word or a cell to see its match.";

/** Make the read-out of `result`. It keeps the last pair until there is another one, so that it can be pinned. */
export function readout({ model, bus }) {
  const line = element("span", { className: "ce-readout-line" });
  const pin = button("Pin", () => bus.pin(shown), "ce-readout-pin");
  const spoken = element("div", { className: "ce-unseen", role: "status", ariaLive: "polite" });
  const node = element("div", { className: "ce-readout" }, line, pin, spoken);
  let result = null,
    numbers = null,
    shown = null,
    waiting = 0;

  function show() {
    const pair = bus.shown ?? shown;
    shown = result && pair && result.grid.rows[pair.row] && result.grid.columns[pair.column] ? pair : null;
    pin.hidden = !shown;
    line.classList.toggle("ce-muted", !shown);
    clearTimeout(waiting);
    if (!shown) return line.replaceChildren(EMPTY);
    const value = numbers.at(shown.row, shown.column);
    const isPinned = isSame(shown, bus.pinned);
    line.replaceChildren(
      ...pairParts(result.grid, shown, value).map(([kind, text]) =>
        element(kind === "said" ? "span" : "bdi", { className: `ce-readout-${kind}`, textContent: text }),
      ),
    );
    line.title = line.textContent;
    pin.textContent = isPinned ? "Unpin" : "Pin";
    pin.ariaPressed = String(isPinned);
    const said = `${pairSentence(result.grid, shown, value)}${isPinned ? " Pinned." : ""}`;
    waiting = setTimeout(() => said !== spoken.textContent && (spoken.textContent = said), QUIET);
  }

  function take() {
    const next = model.get("result");
    result = next?.grid ? next : null;
    numbers = result && numberGrid(result.figure.data.find(({ type }) => type === "heatmap").z);
    shown = null;
    spoken.textContent = "";
    show();
  }

  const off = bus.onChange(show);
  const unbind = bind(model, { result: take });
  return {
    node,
    /** Show nothing but what is pinned. */
    forget() {
      shown = null;
      show();
    },
    destroy() {
      clearTimeout(waiting);
      off();
      unbind();
    },
  };
}
