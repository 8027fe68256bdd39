// How much can be explained at once. The page checks it before it sends anything; Python checks it again.
import { countCharacters, inMegabytes, inWords } from "../web/dom.js";

/** Return the sentence about too many characters, or bytes on the way to Python; "" if they fit. */
export function sizeProblem(characters, bytes, limits) {
  if (characters > limits.text) {
    return (
      `The query and documents have ${inWords(characters)} characters in total. ` +
      `At most ${inWords(limits.text)} can be explained at once.`
    );
  }
  if (bytes > limits.message) {
    return (
      `The query and documents come to ${inMegabytes(bytes)} in total. ` +
      `At most ${inMegabytes(limits.message)} can be sent at once.`
    );
  }
  return "";
}

export function tooManyDocuments(count, limits) {
  return count > limits.documents
    ? `There are ${inWords(count)} documents. At most ${inWords(limits.documents)} can be compared at once.`
    : "";
}

/** Count the characters of a query and documents. */
export function countAll({ query, documents }) {
  return documents.reduce((sum, one) => sum + countCharacters(one.text), countCharacters(query));
}

/** Return what keeps texts from being explained, as a sentence; "" if nothing does. */
export function problemOf(texts, limits) {
  const { query, documents } = texts;
  const written = documents.filter((one) => one.text.trim());
  if (!query.trim()) return "Enter a query first.";
  if (!written.length) return "Enter a document first.";
  const many = tooManyDocuments(written.length, limits);
  if (many) return many;
  const size = sizeProblem(countAll(texts), 0, limits);
  if (size) return size;
  if (isBroken(query)) return brokenText("query");
  const broken = documents.findIndex((one) => isBroken(one.text) || isBroken(one.name));
  if (broken < 0) return "";
  return brokenText(documents.length > 1 ? `document at position ${broken + 1}` : "document");
}

const isBroken = (text) => !!text.isWellFormed && !text.isWellFormed();
const brokenText = (what) => `The ${what} contains half a character (a lone surrogate). Remove it and type it again.`;
