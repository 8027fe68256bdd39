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
  const [ofBest, ofCell] = writtenBoth(query, value);
  const parts = [
    ["word", query.label],
    ["said", " × "],
    ["word", word],
    ["said", " "],
    ["value", ofCell],
  ];
  if (!query.scored) return [...parts, ["said", ` · “${query.label}” is not scored`]];
  if (!grid.columns[column].scored) return [...parts, ["said", ` · “${word}” is not scored`]];
  if (query.column === null) return parts;
  // They may lie in several words, so no cell of the row shows their mean.
  if (query.pieces > 1)
    return [...parts, ["said", ` (best matches of its ${query.pieces} tokens: ${ofBest} on average)`]];
  const best = [
    ["said", " (its best match: "],
    ["word", grid.columns[query.column].label],
    ["said", ` ${ofBest})`],
  ];
  return [...parts, ...best];
}

/** Say a pair in a sentence, for whoever hears it. */
export function pairSentence(grid, { row, column }, value) {
  const query = grid.rows[row],
    word = grid.columns[column].label;
  if (!isMatch(query, column)) {
    const [ofBest, ofCell] = writtenBoth(query, value);
    const plain = `${query.label} and ${word}: ${ofCell}.`;
    if (!query.scored) return `${plain} ${query.label} is not scored.`;
    if (!grid.columns[column].scored) return `${plain} ${word} is not scored.`;
    if (query.column === null) return plain;
    if (query.pieces > 1) return `${plain} The best matches of its ${query.pieces} tokens: ${ofBest} on average.`;
    return `${plain} The best match of ${query.label} is ${grid.columns[query.column].label}, ${ofBest}.`;
  }
  const [added, ofNext] = writtenMatch(query);
  const next =
    query.pieces > 1
      ? `With the runners-up, such as ${query.runner_up?.label}, it would add ${ofNext}.`
      : `Runner-up: ${query.runner_up?.label}, ${ofNext}.`;
  const near = ofNext ? ` ${next}` : "";
  const adds = query.pieces > 1 ? ` and adds ${added} with ${query.pieces} tokens` : `, ${added}`;
  return `${query.label} matches ${word}${adds}.${firmness(query, grid, " It is ", ".")}${near}`;
}

const isMatch = (query, column) => query.column === column || query.tied.includes(column);

/** What a word adds is the sum of its tokens; a cell shows their mean. */
const bestValue = ({ value, pieces = 1 }) => value / Math.max(pieces, 1);

/** Write the similarity of a row's best match. */
export const writtenBest = (row) => decimal(bestValue(row));

/** Write a larger and a smaller number with two decimals, or with more, at most four, where they look alike. */
function toldApart(larger, smaller) {
  const digits = [2, 3].find((n) => decimal(larger, n) !== decimal(smaller, n)) ?? 4;
  return [decimal(larger, digits), decimal(smaller, digits)];
}

/** Write the similarity of a row's best match, and of another cell of the row. */
function writtenBoth(query, value) {
  if (query.column === null || value === null) return ["", value === null ? "no similarity" : decimal(value)];
  const best = bestValue(query);
  return value < best ? toldApart(best, value) : [decimal(best), decimal(value)];
}

/** Write what a row adds, and what it would add with its runner-up; "" if it has none. */
function writtenMatch({ value, firm, runner_up: next }) {
  if (next?.value == null) return [decimal(value), ""];
  return firm === "tie" ? [decimal(value), decimal(next.value)] : toldApart(value, next.value);
}

function matchParts(grid, query, column) {
  const [added, ofNext] = writtenMatch(query);
  const parts = [
    ["word", query.label],
    ["said", " → "],
    ["word", grid.columns[column].label],
    ["said", " "],
    ["value", added],
  ];
  const about = [];
  if (query.share !== null) about.push(`${percent(query.share)} of the score`);
  if (query.pieces > 1) about.push(`${query.pieces} tokens together`);
  if (about.length) parts.push(["said", ` (${about.join(", ")})`]);
  if (ofNext) {
    const next = query.pieces > 1 ? "runners-up such as" : "runner-up";
    parts.push(["said", ` · ${next} `], ["word", query.runner_up.label], ["said", ` ${ofNext}`]);
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
