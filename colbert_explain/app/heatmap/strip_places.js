// Places on the strip, which counts tokens, and the columns of the grid, which may be words and leave some out.

/** Convert between the two. Where the strip has no contents of its own, it counts columns. */
export function stripPlaces(columns, { n_tokens: total }) {
  if (!total)
    return { total: columns.length, edge: (at) => at + 0.5, middleOf: (k) => k + 0.5, columnAt: (at) => at - 0.5 };
  const start = (column) => columns[column].tokens[0];
  const stop = (column) => columns[column].tokens.at(-1) + 1;

  return {
    total,
    /** Where a place between columns lies, such as an end of what is in view. */
    edge(at) {
      const column = Math.min(Math.max(Math.floor(at + 0.5), 0), columns.length - 1);
      const within = Math.min(Math.max(at + 0.5 - column, 0), 1);
      return start(column) + within * (stop(column) - start(column));
    },
    middleOf: (column) => (start(column) + stop(column)) / 2,
    /** The column at a place of the strip, with its fraction. */
    columnAt(place) {
      let low = 0,
        high = columns.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (start(middle) <= place) low = middle;
        else high = middle - 1;
      }
      const within = (place - start(low)) / (stop(low) - start(low));
      return low - 0.5 + Math.min(Math.max(within, 0), 1);
    },
  };
}
