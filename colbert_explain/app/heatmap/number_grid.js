// A table of numbers, as Plotly takes it: rows of numbers, or bytes in base64.

const KINDS = {
  f4: Float32Array,
  f8: Float64Array,
  i1: Int8Array,
  u1: Uint8Array,
  i2: Int16Array,
  u2: Uint16Array,
  i4: Int32Array,
  u4: Uint32Array,
};

/** Read a table; `at(row, column)` is a number, or null where there is none.
 *
 * `values` is an array of arrays, or `{ dtype, bdata, shape }`, where `shape` is "rows, columns". */
export function numberGrid(values) {
  const at = Array.isArray(values) ? (row, column) => values[row]?.[column] : fromBytes(values);
  return {
    at(row, column) {
      const value = at(row, column);
      return Number.isFinite(value) ? value : null;
    },
  };
}

function fromBytes({ dtype, bdata, shape }) {
  const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0));
  const numbers = new KINDS[dtype.replace(/^[<|]/, "")](bytes.buffer);
  const [rows, columns] = String(shape).split(",").map(Number);
  return (row, column) => (row < rows && column < columns ? numbers[row * columns + column] : undefined);
}
