// The sentence below a figure that says what computed it (common_layout in views/charts/style.py).
import { element } from "../web/dom.js";

const NAME = "source"; // of its annotation
const ABOUT = "What computed these figures";
const sentences = new Set();
const made = element(
  "details",
  { className: "ce-figure-source" },
  element("summary", { ariaLabel: ABOUT, title: ABOUT }, "i"),
);

/** Return the sentence of a figure and the pixels at its foot that hold it, `{ text, height }`, or null. */
export function sourceOf({ annotations = [], margin = {} }) {
  const note = annotations.find(({ name }) => name === NAME);
  if (!note) return null;
  const markup = note.text.replaceAll("<br>", " ");
  const text = new DOMParser().parseFromString(markup, "text/html").body.textContent;
  return { text, height: margin.b + (note.yshift ?? 0) };
}

/** Return the sign that unfolds the sentences of all figures on the page, if it is not there yet; else add to it. */
export function shownOnce(text) {
  if (!sentences.has(text)) {
    sentences.add(text);
    made.append(element("p", { textContent: text }));
  }
  return made.isConnected ? [] : [made];
}
