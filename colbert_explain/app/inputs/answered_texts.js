// Which texts the result on show belongs to: numbers must never look like those of another text.

const KEPT = 8; // requests that may still be answered

/** Follow what was sent and what was answered; `onChange(act)` tells of each answer. */
export function answeredTexts(typed) {
  const listeners = new Set();
  const sent = []; // { request, query, documents }, the newest last
  let answered = null;
  let result = {};

  function copyNow(request, documents = typed.documents) {
    sent.push({ request, query: typed.query, documents: documents.map((one) => ({ ...one })) });
    sent.splice(0, sent.length - KEPT);
  }

  const isOf = (one) =>
    one.query === result.query &&
    result.documents.every((entry) => entry.position < one.documents.length) &&
    one.documents.some((each) => each.text === result.document);

  // A result counts the documents that could be read; those of a request are all that were sent.
  const unread = () => (result.unreadable ?? []).map((entry) => entry.position);
  const placesRead = () => answered.documents.map((_, place) => place).filter((place) => !unread().includes(place));
  const placeShown = () => placesRead()[result.position ?? 0];

  const textOf = (key) => typed.documents[typed.indexOf(key)]?.text;

  return {
    onChange(act) {
      listeners.add(act);
      return () => listeners.delete(act);
    },
    /** The texts in the fields are those of a request; of null, those that Python put there itself. */
    sent: copyNow,
    /** Python has answered. Its result says which request it answers, where it knows. */
    take(given) {
      result = given;
      if (!given.documents) answered = null;
      else {
        const known = Number.isInteger(given.request);
        answered = [...sent].reverse().find((one) => (known ? one.request === given.request : isOf(one))) ?? null;
      }
      for (const act of [...listeners]) act();
    },
    get result() {
      return result;
    },
    get hasResult() {
      return answered !== null;
    },
    get isQueryChanged() {
      return answered !== null && answered.query !== typed.query;
    },
    /** The entry of the result for a document in the fields, or null. */
    entryOf(key) {
      const place = answered ? answered.documents.findIndex((one) => one.key === key) : -1;
      const position = place < 0 ? -1 : placesRead().indexOf(place);
      return position < 0 ? null : (result.documents.find((entry) => entry.position === position) ?? null);
    },
    /** Why a document could not be read, or "". */
    reasonOf(key) {
      const position = answered ? answered.documents.findIndex((one) => one.key === key) : -1;
      return (result.unreadable ?? []).find((entry) => entry.position === position)?.reason ?? "";
    },
    /** The key of the document on show, or null. */
    get shownKey() {
      return answered?.documents[placeShown()]?.key ?? null;
    },
    /** "fresh", "changed" since it was explained, or "new". */
    stateOf(key) {
      const then = answered?.documents.find((one) => one.key === key);
      if (!then) return "new";
      return then.text === textOf(key) ? "fresh" : "changed";
    },
    /** Whether the picture on show is of texts other than those in the fields. */
    get isStale() {
      if (answered === null) return result.documents !== undefined;
      const shown = answered.documents[placeShown()];
      return answered.query !== typed.query || shown === undefined || textOf(shown.key) !== shown.text;
    },
  };
}
