// The workbench's first screen, which a dashboard shows until Python has started (first_screen.html): with the texts of
// a link or a draft instead of those with which the workbench opens otherwise.

import { counted, element, shortened } from "../web/dom.js";
import { browserStorage, keptDraft } from "./draft.js";
import { isLink, readLink } from "./share_link.js";

const LONGEST = 2000; // characters of a text that are shown
const MOST = 8 * 1024 * 1024; // bytes of a packed link once it is unpacked
const STARTING = "Python is starting; this can take up to ten seconds.";
const STARTED = "Python has started and is comparing the texts.";

/** Return what the page will open instead of its own texts, as `readRecord` does; null if nothing. */
async function asked() {
  if (!isLink(location.hash)) return keptDraft(browserStorage("sessionStorage"), location.pathname);
  const found = await readLink(location.hash, { text: Infinity, message: MOST, documents: Infinity });
  return found.problem ? null : found;
}

async function showAsked(screen) {
  const [query, text] = screen.querySelectorAll(".ce-first-screen-field");
  const result = screen.querySelector(".ce-first-screen-result");
  const waits = element("p", { className: "ce-first-screen-waits", textContent: STARTING });
  // A packed link takes a moment: until then no texts rather than those of others.
  if (isLink(location.hash)) for (const part of [query, text, result]) part.replaceChildren();
  const found = await asked();
  if (!found) {
    if (isLink(location.hash)) screen.remove(); // it is damaged, and the page says so
    return;
  }
  const [first, ...others] = found.texts.documents;
  query.textContent = shortened(found.texts.query, LONGEST);
  text.textContent = shortened(first.text, LONGEST);
  const more = counted(others.length, "more document");
  if (others.length) text.parentNode.after(element("p", { className: "ce-first-screen-more", textContent: more }));
  result.replaceChildren(waits);
  window.addEventListener("ce-cells-shown", () => (waits.textContent = STARTED), { once: true });
}

{
  const screen = document.getElementById("ce-first-screen");
  if (screen?.querySelector(".ce-first-screen-result")) showAsked(screen);
}
