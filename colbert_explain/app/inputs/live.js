// When a pair is explained anew while somebody types: it is short, and answers come quickly.
import { countCharacters } from "../web/dom.js";

export const PAUSE = 400; // milliseconds without a keystroke
export const SLOWEST = 500; // milliseconds that an answer may take
export const LONGEST = 600; // characters of query and document in total
const REMEMBERED = 2; // the last answers; each of them must have been quick

/** Check whether texts are short enough: one document, and at most 600 characters with the query. */
export function isShort({ query, documents }) {
  return documents.length === 1 && countCharacters(query) + countCharacters(documents[0].text) <= LONGEST;
}

/** Decide when to explain. `explain()` sends the texts and returns whether it did; `texts()` returns them.
 *
 * Time is handed in: `now()` in milliseconds, and `later(act, milliseconds)`, which returns what calls it off. */
export function liveRule({ texts, explain, now, later }) {
  const durations = [];
  let isOn = true;
  let callOff = null;
  let sentAt = null; // of a short pair whose answer is still to come
  let hasChanged = false; // since it was sent

  function isQuick() {
    return durations.every((one) => one <= SLOWEST);
  }

  function stop() {
    callOff?.();
    callOff = null;
  }

  function wait() {
    stop();
    callOff = later(due, PAUSE);
  }

  function due() {
    callOff = null;
    if (!isOn || !isQuick()) return;
    const { query, documents } = texts();
    const isWritten = query.trim() && documents[0].text.trim();
    if (!isShort({ query, documents }) || !isWritten) return;
    if (sentAt === null) explain();
    else hasChanged = true; // the answer on its way comes first
  }

  return {
    get isOn() {
      return isOn;
    },
    /** Whether answers take too long for it. */
    get isPaused() {
      return !isQuick();
    },
    turn(on) {
      isOn = on;
      if (on)
        durations.length = 0; // asked for again: try again
      else stop();
    },
    /** Somebody typed. */
    typed() {
      if (isOn && isQuick()) wait();
    },
    /** Texts were sent, by this rule or by the reader; these answers are timed. */
    sent() {
      stop();
      hasChanged = false;
      sentAt = isShort(texts()) ? now() : null;
    },
    /** The answer to what was sent is here; or, with `false`, it is not to come. */
    answered(isHere = true) {
      if (sentAt !== null && isHere) durations.push(now() - sentAt);
      durations.splice(0, durations.length - REMEMBERED);
      sentAt = null;
      if (hasChanged) {
        hasChanged = false;
        due();
      }
    },
    destroy: stop,
  };
}
