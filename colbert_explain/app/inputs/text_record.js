// Query, documents and view as a record that is kept or linked, and the strict way back from one.

const KEYS = ["query", "documents", "names", "view", "shown", "pin", "without"];
const MOST = 999_999; // rows and columns of a grid
const VIEW_WORDS = ["token", "contribution", "unscored"];

/** Write the view options as the words that differ from what a page opens with. */
export function viewWords(options = {}) {
  return [
    ...(options.level === "token" ? ["token"] : []),
    ...(options.order === "contribution" ? ["contribution"] : []),
    ...(options.unscored ? ["unscored"] : []),
  ];
}

/** Read them back. */
export function viewOptions(words) {
  return {
    level: words.includes("token") ? "token" : "word",
    order: words.includes("contribution") ? "contribution" : "text",
    unscored: words.includes("unscored"),
  };
}

/** Make a record of texts `{ query, documents: [{ name, text }] }`; `shown` is the place of a document, null for the best.
 *
 * `marks` are what the reader has marked in the grid on show: `pin`, the row and column of a pair, and `without`, the
 * first column of the removed words and the one after their last; each may be null. */
export function recordOf({ query, documents }, options = {}, shown = null, { pin = null, without = null } = {}) {
  const record = { query, documents: documents.map((one) => one.text) };
  if (documents.some((one) => one.name)) record.names = documents.map((one) => one.name);
  const view = viewWords(options);
  if (view.length) record.view = view;
  if (shown !== null) record.shown = shown;
  if (pin) record.pin = pin;
  if (without) record.without = without;
  return record;
}

/** Return `{ texts: { query, documents }, options, shown, marks: { pin, without } }` if a record is exactly as it should be, else null. */
export function readRecord(record) {
  const isPlain = record !== null && typeof record === "object" && !Array.isArray(record);
  if (!isPlain || Object.keys(record).some((key) => !KEYS.includes(key))) return null;
  const { query, documents, names = null, view = [], shown = null, pin = null, without = null } = record;
  if (!isText(query) || !areTexts(documents) || !documents.length) return null;
  if (names !== null && (!areTexts(names) || names.length !== documents.length)) return null;
  if (!areTexts(view) || view.some((word) => !VIEW_WORDS.includes(word))) return null;
  const isPlace = Number.isInteger(shown) && shown >= 0 && shown < documents.length;
  if (shown !== null && !isPlace) return null;
  if (pin !== null && !arePlaces(pin)) return null;
  if (without !== null && !(arePlaces(without) && without[0] < without[1])) return null;
  return {
    texts: { query, documents: documents.map((text, index) => ({ name: names?.[index] ?? "", text })) },
    options: viewOptions(view),
    shown,
    marks: { pin, without },
  };
}

const isPlaceInGrid = (value) => Number.isInteger(value) && value >= 0 && value <= MOST;
const arePlaces = (value) => Array.isArray(value) && value.length === 2 && value.every(isPlaceInGrid);

const isText = (value) => typeof value === "string" && (!value.isWellFormed || value.isWellFormed());
const areTexts = (value) => Array.isArray(value) && value.every(isText);
