// What was typed, kept in the browser for as long as its tab is open, so that a reload loses nothing.
import { readRecord, recordOf } from "./text_record.js";

const WAIT = 300; // milliseconds after a change

const keyOf = (name) => `colbert_explain:draft:${name}`;

/** Return what is kept under a name of the page, as `readRecord` does, or null. */
export function keptDraft(storage, name) {
  try {
    return readRecord(JSON.parse(storage.getItem(keyOf(name))));
  } catch {
    return null;
  }
}

/** Keep drafts under a name of the page; without a storage, or one that fails, nothing is kept. */
export function draft({ storage, name, texts, options, shown, marks }) {
  const key = keyOf(name);
  let timer = 0;

  function write() {
    clearTimeout(timer);
    timer = 0;
    try {
      storage.setItem(key, JSON.stringify(recordOf(texts(), options(), shown(), marks())));
    } catch {
      forget(); // it is full, or not allowed: an older draft would be worse than none
    }
  }

  function forget() {
    try {
      storage.removeItem(key);
    } catch {
      // There is no storage.
    }
  }

  const flush = () => timer && write();
  addEventListener("pagehide", flush);

  return {
    read: () => keptDraft(storage, name),
    changed() {
      clearTimeout(timer);
      timer = setTimeout(write, WAIT);
    },
    destroy() {
      flush();
      removeEventListener("pagehide", flush);
    },
  };
}

/** Return the storage of the browser's tab ("sessionStorage") or of the browser, or null where that is forbidden. */
export function browserStorage(kind) {
  try {
    return window[kind];
  } catch {
    return null;
  }
}
