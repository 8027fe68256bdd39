// How a collection is searched, and in which ways a second time: values of a menu, and what it shows.
const FIRST_STAGES = [
  ["", "none: every document"],
  ["bm25", "words (BM25)"],
  ["pooled", "pooled vectors"],
];
const SECOND_KINDS = [
  ["", "nothing"],
  ["exact", "exact search"],
  ["bm25", "words first, then MaxSim"],
  ["pooled", "pooled first, then MaxSim"],
  ["bm25_alone", "words alone (BM25)"],
  ["pooled_alone", "pooled vectors alone"],
  ["index_alone", "the compressed index alone"],
];

/** Return the first stages of the collection that is open, each with its value and its text; null if none is. */
export const firstStages = (open) =>
  FIRST_STAGES.map(([value, text]) => [value, !value && open && !open.exact ? "the compressed index" : text]);

/** Return the ways in which it can be searched a second time; the index alone differs only if it is compressed.
 *
 * With `stage`, the value of the first stage that is chosen, the search with it is left out: it would be itself. */
export function secondKinds(open, stage = null) {
  const isChosen = (value) => stage !== null && value === (stage || (open?.exact ? "exact" : ""));
  const isOther = (value) => value !== "index_alone" || (open && !open.exact);
  return SECOND_KINDS.filter(([value]) => !value || (isOther(value) && !isChosen(value)));
}
