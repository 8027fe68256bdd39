// When a pair is explained anew while somebody types: it is short, and answers come quickly.
import { countCharacters } from "../web/dom.js";

export const PAUSE = 400; // milliseconds without a keystroke
export const SLOWEST = 500; // milliseconds that an answer may take
export const LONGEST = 600; // characters of query and document in total

/** Check whether texts are short enough: one document, and at most 600 characters with the query. */
export function isShort({ query, documents }) {
  return documents.length === 1 && countCharacters(query) + countCharacters(documents[0].text) <= LONGEST;
}

/** Decide when to explain. `explain()` sends the texts and returns whether it did; `texts()` returns them.
 *
 * Time is handed in: `now()` in milliseconds, and `later(act, milliseconds)`, which returns what calls it off. */
export function liveRule({ texts, explain, now, later }) {
  let isSlow = false; // the last answer
  let isFirst = true; // no answer yet: the first one may wait for the model to be loaded
  let isOn = true;
  let callOff = null;
  let sentAt = null; // of texts whose answer is still to come
  let isShortSent = false; // whether they are a short pair
  let hasChanged = false; // since it was sent

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
    if (!isOn || isSlow) return;
    const { query, documents } = texts();
    const isWritten = query.trim() && documents[0].text.trim();
    if (!isShort({ query, documents }) || !isWritten) return;
    if (sentAt === null || !isShortSent) explain();
    else hasChanged = true; // the answer on its way comes first
  }

  return {
    get isOn() {
      return isOn;
    },
    /** Whether answers take too long for it. */
    get isPaused() {
      return isSlow;
    },
    turn(on) {
      isOn = on;
      if (on)
        isSlow = false; // asked for again: try again
      else stop();
    },
    /** Somebody typed. */
    typed() {
      if (isOn && !isSlow) wait();
    },
    /** Texts were sent, by this rule or by the reader; these answers are timed. */
    sent() {
      stop();
      hasChanged = false;
      sentAt = now();
      isShortSent = isShort(texts());
    },
    /** The answer to what was sent is here; or, with `false`, it is not to come. */
    answered(isHere = true) {
      if (sentAt !== null && isHere) {
        const isQuick = now() - sentAt <= SLOWEST;
        // Longer texts may take their time; if even they are quick, so is a short pair.
        if (isQuick) isSlow = false;
        else if (isShortSent && !isFirst) isSlow = true;
        isFirst = false;
      }
      sentAt = null;
      if (hasChanged) {
        hasChanged = false;
        due();
      }
    },
    destroy: stop,
  };
}
