// The pair of a query row and a document column that the reader points at, and the one that is pinned.
// All parts of a page listen to one bus, so that each lights the same pair without asking Python.

/** Make a bus. A pair is `{ row, column }`, places in the grid on show.
 *
 * `rows` and `columns` are those of `result.grid` (views/page_data). */
export function pairBus() {
  const listeners = new Set();
  let asked = false;

  const bus = {
    rows: [],
    columns: [],
    focus: null,
    pinned: null,

    /** Show another grid: nothing is pointed at, and `pinned` is its place in the new grid. */
    setGrid(rows, columns, pinned = null) {
      Object.assign(bus, { rows, columns, focus: null, pinned });
      tell();
    },

    /** Point at a pair; null points at nothing. */
    point(pair) {
      if (isSame(pair, bus.focus)) return;
      bus.focus = pair;
      tell();
    },

    /** Pin a pair; pinning it again, or null, unpins it. */
    pin(pair) {
      bus.pinned = isSame(pair, bus.pinned) ? null : pair;
      tell();
    },

    /** The pair to show in detail: the one pointed at, else the pinned one. */
    get shown() {
      return bus.focus ?? bus.pinned;
    },

    /** A query row with its match; null for a row that is not scored. */
    pairOfRow(row) {
      const column = bus.rows[row]?.column;
      return column === null || column === undefined ? null : { row, column };
    },

    /** A document column with the query row that it serves best; null if no row chose it. */
    pairOfColumn(column) {
      const row = bus.columns[column]?.rows?.[0];
      return row === undefined ? null : { row, column };
    },

    /** The pair of a word that has its place as data-row or data-column; without a row where no row chose the column. */
    pairOfWord(word) {
      const { row, column } = word?.dataset ?? {};
      if (row !== undefined) return bus.pairOfRow(Number(row));
      if (column === undefined) return null;
      return bus.pairOfColumn(Number(column)) ?? { row: null, column: Number(column) };
    },

    /** Call `act` at the next frame after a change; return what ends that. */
    onChange(act) {
      listeners.add(act);
      return () => listeners.delete(act);
    },
  };

  function tell() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      for (const act of listeners) act(bus);
    });
  }

  return bus;
}

/** Check whether two pairs are the same; both may be null. */
export function isSame(one, other) {
  return one === other || (!!one && !!other && one.row === other.row && one.column === other.column);
}
