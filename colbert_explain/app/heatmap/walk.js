// Where the keys lead from a cell of the heatmap.

/** Return the pair that a key leads to; undefined if the key leads nowhere.
 *
 * `rows` and `count` are the rows of the grid and how many columns it has, `page` how many columns are in view. */
export function walked(pair, { key, shiftKey }, rows, count, page) {
  const within = (value, size) => Math.min(Math.max(value, 0), size - 1);
  const to = (row, column) => ({ row: within(row, rows.length), column: within(column, count) });
  const { row, column } = pair;
  switch (key) {
    case "ArrowLeft":
      return to(row, column - 1);
    case "ArrowRight":
      return to(row, column + 1);
    case "ArrowUp":
      return to(row - 1, column);
    case "ArrowDown":
      return to(row + 1, column);
    case "Home":
      return to(row, 0);
    case "End":
      return to(row, count - 1);
    case "PageUp":
      return to(row, column - page);
    case "PageDown":
      return to(row, column + page);
    case "n":
    case "N":
      return shiftKey ? matchBefore(pair, rows) : matchAfter(pair, rows);
    default:
      return undefined;
  }
}

const pairs = (rows) => rows.flatMap(({ column }, row) => (column === null ? [] : [{ row, column }]));

/** The match of this row, or where the reader is there already, that of the next one; then from the top again. */
function matchAfter({ row, column }, rows) {
  const all = pairs(rows);
  return all.find((pair) => pair.row > row || (pair.row === row && pair.column !== column)) ?? all[0];
}

function matchBefore({ row, column }, rows) {
  const all = pairs(rows);
  return all.findLast((pair) => pair.row < row || (pair.row === row && pair.column !== column)) ?? all.at(-1);
}
