// What a reader has marked in the grid on show: the pinned pair, and the words that were removed.
import { isSame } from "../web/pair_bus.js";

/** Return `{ pin, without }`: row and column of the pair, first column and the one after the last; each may be null. */
export function marksOf({ model, bus }) {
  const { first, stop, masked } = model.get("what_if") ?? {};
  return {
    pin: bus.pinned ? [bus.pinned.row, bus.pinned.column] : null,
    without: masked === undefined ? null : [first, stop],
  };
}

/** Mark the same again; what the grid does not hold is left out, since another model reads other words. */
export function markAgain({ pin, without }, { model, bus }) {
  const pair = pin && bus.rows[pin[0]] && bus.columns[pin[1]] ? { row: pin[0], column: pin[1] } : null;
  if (pair && !isSame(pair, bus.pinned)) bus.pin(pair);
  if (without && bus.columns[without[1] - 1]) model.send({ event: "what_if", first: without[0], stop: without[1] });
}
