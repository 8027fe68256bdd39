// A pair of a query row and a document column in words.
import { decimal, percent } from "../web/dom.js";

const AROUND = 26; // characters of the document on either side of a match

/** Say a pair in parts, each its kind and text: "word" is a word of a text, "value" a similarity, "context" the place.
 *
 * `value` is the similarity of the cell; null where there is none. */
export function pairParts(grid, { row, column }, value) {
  const query = grid.rows[row],
    word = grid.columns[column].label;
  if (isMatch(query, column)) return matchParts(grid, query, column);
  const parts = [
    ["word", query.label],
    ["said", " × "],
    ["word", word],
    ["said", " "],
    ["value", written(value)],
  ];
  if (!query.scored) return [...parts, ["said", ` · “${query.label}” is not scored`]];
  if (!grid.columns[column].scored) return [...parts, ["said", ` · “${word}” is not scored`]];
  if (query.column === null) return parts;
  const best = [
    ["said", " (its best match: "],
    ["word", grid.columns[query.column].label],
    ["said", ` ${decimal(bestValue(query))})`],
  ];
  return [...parts, ...best];
}

/** Say a pair in a sentence, for whoever hears it. */
export function pairSentence(grid, { row, column }, value) {
  const query = grid.rows[row],
    word = grid.columns[column].label;
  if (!isMatch(query, column)) {
    const plain = `${query.label} and ${word}: ${written(value)}.`;
    if (!query.scored) return `${plain} ${query.label} is not scored.`;
    if (!grid.columns[column].scored) return `${plain} ${word} is not scored.`;
    if (query.column === null) return plain;
    return `${plain} The best match of ${query.label} is ${grid.columns[query.column].label}, ${decimal(bestValue(query))}.`;
  }
  const near =
    query.runner_up?.value != null ? ` Runner-up: ${query.runner_up.label}, ${decimal(query.runner_up.value)}.` : "";
  const adds =
    query.pieces > 1 ? ` and adds ${decimal(query.value)} with ${query.pieces} tokens` : `, ${decimal(query.value)}`;
  return `${query.label} matches ${word}${adds}.${firmness(query, grid, " It is ", ".")}${near}`;
}

const isMatch = (query, column) => query.column === column || query.tied.includes(column);
const written = (value) => (value === null ? "no similarity" : decimal(value));
/** What a word adds is the sum of its tokens; a cell shows their mean. */
const bestValue = ({ value, pieces = 1 }) => value / Math.max(pieces, 1);

function matchParts(grid, query, column) {
  const parts = [
    ["word", query.label],
    ["said", " → "],
    ["word", grid.columns[column].label],
    ["said", " "],
    ["value", decimal(query.value)],
  ];
  const about = [];
  if (query.share !== null) about.push(`${percent(query.share)} of the score`);
  if (query.pieces > 1) about.push(`${query.pieces} tokens together`);
  if (about.length) parts.push(["said", ` (${about.join(", ")})`]);
  if (query.runner_up?.value != null) {
    parts.push(
      ["said", " · runner-up "],
      ["word", query.runner_up.label],
      ["said", ` ${decimal(query.runner_up.value)}`],
    );
  }
  const firm = firmness(query, grid, " · ", "");
  if (firm) parts.push(["firm", firm]);
  const context = query.column === column ? shortContext(query.context) : "";
  if (context) parts.push(["said", " · "], ["context", context]);
  return parts;
}

function firmness({ firm, tied }, grid, before, after) {
  if (firm === "close") return `${before}a close call${after}`;
  if (firm !== "tie") return "";
  const others = tied.map((column) => grid.columns[column]?.label).filter(Boolean);
  const named =
    others.length && others.length <= 2
      ? ` with ${others.join(" and ")}`
      : others.length
        ? ` of ${others.length + 1}`
        : "";
  return `${before}a tie${named}${after}`;
}

/** Quote the match with a few words on either side. */
function shortContext([before, match, after]) {
  if (!before && !after) return "";
  const left = before.length > AROUND ? `…${before.slice(-AROUND).replace(/^\S*\s/, "")}` : before;
  const right = after.length > AROUND ? `${after.slice(0, AROUND).replace(/\s\S*$/, "")}…` : after;
  return `“${left}${match}${right}”`;
}
