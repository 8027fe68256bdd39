// What a reader has answered in a lesson, kept by the browser, so that a reload asks nothing twice. Only what the reader
// gave is kept: whether it is right, Python says again.

import { ANSWERS, keep, kept } from "./lesson_storage.js";

const LONGEST = 500; // characters of an answer
const LONGEST_TEXT = 10_000; // characters of a text that was changed

/** Keep what was given to a question, and whether its answer was shown. */
export function keepAnswer(question, { given, verdict }) {
  if (verdict === "unclear") return;
  keep(ANSWERS, (before) => ({ ...before, [question]: { given, shown: verdict === "shown" } }));
}

/** Return the events that answer a question as it was answered before. */
export function eventsOf(question) {
  const answers = kept(ANSWERS);
  const { given, shown } = (Object.hasOwn(answers, question) && answers[question]) || {};
  const isGiven = typeof given === "string" && given !== "" && given.length <= LONGEST;
  return [...(isGiven ? [{ event: "answer", given }] : []), ...(shown === true ? [{ event: "show" }] : [])];
}

/** Keep a text that the reader is changing below a name of its own; null forgets it. */
export function keepText(name, text) {
  keep(ANSWERS, ({ [name]: _, ...others }) => (text === null ? others : { ...others, [name]: { given: text } }));
}

/** Return the text that was kept, or null. */
export function keptText(name) {
  const answers = kept(ANSWERS);
  const text = Object.hasOwn(answers, name) ? answers[name]?.given : null;
  return typeof text === "string" && text.length <= LONGEST_TEXT ? text : null;
}
