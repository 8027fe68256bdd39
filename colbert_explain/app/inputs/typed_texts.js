// The query and the documents that are in the fields: one owner, to which all fields listen.
import { shortened } from "../web/dom.js";

const LONGEST_NAME = 60;
const LONGEST_SNIPPET = 42;

/** Return the first words of a text on one line: the name of a document that has none. */
export function firstWords(text, length = LONGEST_SNIPPET) {
  const line = text
    .slice(0, 8 * length)
    .replace(/\s+/g, " ")
    .trim();
  if (Array.from(line).length <= length) return line;
  const cut = Array.from(line).slice(0, length).join("");
  const end = cut.lastIndexOf(" ");
  return `${(end > length / 2 ? cut.slice(0, end) : cut).replace(/[\s,;:.–—-]+$/, "")}…`;
}

/** Return a distinct name for each document: its own, else its first words, else its number. */
export function distinctNames(documents) {
  const taken = new Set();
  return documents.map((one, index) => {
    const wanted = one.name || firstWords(one.text) || `Document ${index + 1}`;
    let found = wanted;
    for (let i = 2; taken.has(found); i++) found = `${wanted} (${i})`;
    taken.add(found);
    return found;
  });
}

/** Keep a name to one line of at most 60 characters. */
export function tidyName(name) {
  return shortened(name.replace(/\s+/g, " ").trim(), LONGEST_NAME);
}

/** Hold the texts. `onChange(act)` calls `act(what)`: "query", "text", "name" or "documents".
 *
 * Each document is `{ key, name, text }`; an empty name stands for the first words of the text. */
export function typedTexts() {
  const listeners = new Set();
  let keys = 0;
  let query = "";
  let documents = [made({ name: "", text: "" })];

  function made({ name = "", text }) {
    return { key: ++keys, name: tidyName(name), text };
  }

  function tell(what) {
    for (const act of [...listeners]) act(what);
  }

  const indexOf = (key) => documents.findIndex((one) => one.key === key);
  const isEmpty = () => documents.every((one) => !one.text.trim());

  function setDocuments(list) {
    documents = list.length ? list : [made({ text: "" })];
    tell("documents");
  }

  return {
    get query() {
      return query;
    },
    get documents() {
      return documents;
    },
    names: () => distinctNames(documents),
    isEmpty,
    indexOf,
    onChange(act) {
      listeners.add(act);
      return () => listeners.delete(act);
    },
    setQuery(text) {
      if (text === query) return;
      query = text;
      tell("query");
    },
    setText(key, text) {
      const one = documents[indexOf(key)];
      if (!one || one.text === text) return;
      one.text = text;
      tell("text");
    },
    rename(key, name) {
      const one = documents[indexOf(key)];
      if (!one || one.name === tidyName(name)) return;
      one.name = tidyName(name);
      tell("name");
    },
    /** Put in another query and other documents. */
    load(texts) {
      query = texts.query;
      setDocuments(texts.documents.map(made));
    },
    /** Add documents and return the first of them; blank documents make room. */
    add(list) {
      const added = list.map(made);
      setDocuments(isEmpty() && list.some((one) => one.text.trim()) ? added : [...documents, ...added]);
      return added[0];
    },
    /** Take other documents; return what brings the earlier ones back. */
    replace(list) {
      const before = documents;
      setDocuments(list.map(made));
      return () => setDocuments(before);
    },
    /** Remove a document; return what brings it back to its place. */
    remove(key) {
      const index = indexOf(key);
      if (index < 0) return () => {};
      const removed = documents[index];
      const wasLast = documents.length === 1;
      setDocuments(documents.filter((one) => one.key !== key));
      return () => {
        const others = wasLast ? documents.filter((one) => one.text.trim()) : documents;
        setDocuments([...others.slice(0, index), removed, ...others.slice(index)]);
      };
    },
    /** A copy of the texts as they are now. */
    copy: () => ({ query, documents: documents.map((one) => ({ ...one })) }),
  };
}
