// Keeps the pair bus in step with Python: the grid of the result on show, and the pinned pair.

import { bind } from "../web/dom.js";
import { isSame } from "../web/pair_bus.js";

/** Begin before the parts of a page do: what they point at are places in the grid. Returns what ends that. */
export function gridOnBus({ model, bus }) {
  let known = null; // the pair that Python knows to be pinned

  const unbind = bind(model, {
    result() {
      const { grid, pinned } = model.get("result");
      known = pinned ?? null;
      bus.setGrid(grid?.rows ?? [], grid?.columns ?? [], known);
    },
  });
  // A pin is told to Python once, whoever pinned it.
  const off = bus.onChange(({ pinned }) => {
    if (isSame(pinned, known)) return;
    known = pinned;
    model.send(pinned ? { event: "pin", row: pinned.row, column: pinned.column } : { event: "unpin" });
  });

  return () => {
    unbind();
    off();
  };
}
