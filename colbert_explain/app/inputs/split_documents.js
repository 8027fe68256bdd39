// Finds the documents in a text that holds several: pasted from a file, a list or a sheet.

const RULE = /^\s*-{3,}\s*$/;
const NUMBERED = /^\s*(?:(\d{1,4})[.):]|\[(\d{1,4})\])\s+(?=\S)/;
const LETTERED = /^\s*(?:([A-Za-z])[.):]|\[([A-Za-z])\])\s+(?=\S)/;
const SENTENCE_END = /[.!?…。！？۔।][\s"'”’»）)\]]*$/;
const QUOTE = '"';
const MOST_COLUMNS = 100;
const LONGEST_MEAN_NAME = 80;
const TEXT_HEADINGS = /^(text|passage|document|contents?|body|doc|abstract|sentence|paragraph)$/i;
// The most readable first.
const NAME_HEADINGS = ["title", "name", "_id", "id", "docid", "doc_id", "docno", "pid", "key"];

/** Return `{ kind, documents: [{ name, text }], note }`, or null if the text is one document.
 *
 * `kind` is "rules" (lines with only ---), "list" (1. 2. 3.), "letters" (A: B: C:), "table" (cells of a sheet), "blocks" (blank lines
 * between) or "lines" (each line ends as a sentence does). */
export function splitDocuments(pasted) {
  const text = pasted.replace(/\r\n?/g, "\n");
  for (const find of [byRules, byTable, byNumbers, byLetters, byBlankLines, byLines]) {
    const found = find(text);
    if (found && found.documents.length >= 2) return found;
  }
  return null;
}

const made = (kind, texts) => ({
  kind,
  documents: texts
    .map((one) => one.trim())
    .filter(Boolean)
    .map((one) => ({ name: "", text: one })),
  note: "",
});

function byRules(text) {
  const lines = text.split("\n");
  if (!lines.some((line) => RULE.test(line))) return null;
  const parts = [[]];
  for (const line of lines) {
    if (RULE.test(line)) parts.push([]);
    else parts.at(-1).push(line);
  }
  return made(
    "rules",
    parts.map((part) => part.join("\n")),
  );
}

function byNumbers(text) {
  const items = listed(text, NUMBERED, Number, [0, 1]);
  return (
    items &&
    made(
      "list",
      items.map(({ text }) => text),
    )
  );
}

const codeOf = (letter) => letter.charCodeAt(0);

function byLetters(text) {
  const items = listed(text, LETTERED, codeOf, [codeOf("A"), codeOf("a")]);
  const documents = items?.map(({ name, text }) => ({ name, text: text.trim() }));
  return items && { kind: "letters", documents, note: "The letters are the names." };
}

/** Return the items of a list whose labels follow each other, the first one of `starts`; null if it is none. */
function listed(text, label, read, starts) {
  const items = [];
  for (const line of text.trim().split("\n")) {
    const found = label.exec(line);
    const name = found?.[1] ?? found?.[2];
    const value = found && read(name);
    const isNext = found && (items.length ? value === items.at(-1).value + 1 : starts.includes(value));
    if (isNext) items.push({ name, value, lines: [line.slice(found[0].length)] });
    else if (!items.length) return null;
    else items.at(-1).lines.push(line);
  }
  return items.map(({ lines, ...item }) => ({ ...item, text: lines.join("\n") }));
}

function byBlankLines(text) {
  return made("blocks", text.trim().split(/\n[^\S\n]*\n\s*/));
}

function byLines(text) {
  const lines = text
    .trim()
    .split("\n")
    .filter((line) => line.trim());
  return lines.every((line) => SENTENCE_END.test(line)) ? made("lines", lines) : null;
}

function byTable(text) {
  if (!text.includes("\t")) return null;
  const rows = cellsOf(text).filter((row) => row.some((cell) => cell.trim()));
  const width = rows[0]?.length ?? 0;
  if (rows.length < 2 || width < 2 || width > MOST_COLUMNS || rows.some((row) => row.length !== width)) return null;
  const cells = rows.map((row) => row.map((cell) => cell.trim()));
  const hasHeader = looksLikeHeader(cells);
  const body = hasHeader ? cells.slice(1) : cells;
  const [texts, names] = guessedColumns(body, hasHeader ? cells[0] : []);
  const documents = body
    .map((row) => ({ name: names === null ? "" : row[names], text: row[texts] }))
    .filter((one) => one.text);
  const called = (column) => `column ${column + 1}${hasHeader ? ` (${cells[0][column]})` : ""}`;
  const note = `Texts from ${called(texts)}${names === null ? "" : `, names from ${called(names)}`}.`;
  return { kind: "table", documents, note };
}

/** Split copied cells: quotation marks enclose a cell that holds a tab or a line break. */
function cellsOf(text) {
  const rows = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const row = rows.at(-1);
    const letter = text[i];
    if (quoted) {
      if (letter !== QUOTE) row[row.length - 1] += letter;
      else if (text[i + 1] === QUOTE) row[row.length - 1] += text[i++];
      else quoted = false;
    } else if (letter === QUOTE && row.at(-1) === "" && closes(text, i)) quoted = true;
    else if (letter === "\t") row.push("");
    else if (letter === "\n") rows.push([""]);
    else row[row.length - 1] += letter;
  }
  return rows;
}

/** Whether a quotation mark that opens a cell has a partner at the end of a cell. */
function closes(text, open) {
  for (let i = text.indexOf(QUOTE, open + 1); i >= 0; i = text.indexOf(QUOTE, i + 1)) {
    if (text[i + 1] === QUOTE) i++;
    else return i + 1 === text.length || "\t\n".includes(text[i + 1]);
  }
  return false;
}

const isNumeric = (cell) => cell !== "" && Number.isFinite(Number(cell));
const meanLength = (rows, column) => rows.reduce((sum, row) => sum + row[column].length, 0) / rows.length;

function looksLikeHeader(cells) {
  const [head, ...body] = cells;
  if (head.some((cell) => isNumeric(cell) || cell.length > 60 || cell.includes("\n"))) return false;
  if (head.some((cell) => TEXT_HEADINGS.test(cell))) return true;
  if (new Set(head).size < head.length) return false;
  return head.some((_, column) => body.every((row) => isNumeric(row[column])));
}

function guessedColumns(body, headings) {
  const columns = [...body[0].keys()];
  const lengths = columns.map((column) => meanLength(body, column));
  const longest = columns.reduce((best, column) => (lengths[column] > lengths[best] ? column : best), 0);
  const named = columns.find((column) => TEXT_HEADINGS.test(headings[column] ?? ""));
  const texts = named ?? longest;
  const areNames = (column) =>
    column !== texts &&
    lengths[column] <= LONGEST_MEAN_NAME &&
    body.every((row) => row[column]) &&
    new Set(body.map((row) => row[column])).size === body.length;
  const candidates = columns.filter(areNames);
  const known = NAME_HEADINGS.map((name) => candidates.find((column) => headings[column]?.toLowerCase() === name));
  const readable = candidates.find((column) => body.some((row) => !isNumeric(row[column])));
  return [texts, known.find((column) => column !== undefined) ?? readable ?? candidates[0] ?? null];
}
