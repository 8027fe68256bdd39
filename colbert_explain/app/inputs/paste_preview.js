// Asks what to do with a pasted text that looks like several documents.
import { button, counted, element, inWords } from "../web/dom.js";
import { previewActions, previewPanel } from "./preview.js";
import { firstWords } from "./typed_texts.js";

const SHOWN_WORDS = 90; // characters of each document
const HOW = {
  rules: "separated by lines of dashes",
  list: "numbered",
  letters: "lettered",
  table: "one in each row",
  blocks: "separated by blank lines",
  lines: "one on each line",
};

/** Say what becomes of more documents than there is room for. */
function whatFits(most, isAlone) {
  if (!most) return "there is no room to add these.";
  const first = most === 1 ? "only the first" : `only the first ${inWords(most)}`;
  return isAlone ? `${first} ${most === 1 ? "is" : "are"} taken.` : `${first} can be added.`;
}

/** Make the preview. `ask(found, { room, isAlone, onUse, onAdd, onKeep })` opens it. */
export function pastePreview({ onDone }) {
  const title = element("p", { className: "ce-paste-title", role: "status" });
  const note = element("p", { className: "ce-paste-note" });
  const list = element("ol", { className: "ce-paste-list", tabIndex: 0, "aria-label": "Pasted documents" });
  const actions = previewActions();
  const node = previewPanel("ce-paste", { "aria-label": "Pasted documents" });
  node.append(title, note, list, actions);
  let close = () => {};

  function ask({ kind, documents, note: columns }, { room, isAlone, onUse, onAdd, onKeep }) {
    const most = isAlone ? room.replace : room.add;
    const used = documents.slice(0, room.replace);
    title.textContent = `Looks like ${inWords(documents.length)} documents, ${HOW[kind]}.`;
    note.textContent = [
      columns,
      documents.length > most ? `At most ${inWords(room.replace)} can be compared; ${whatFits(most, isAlone)}` : "",
    ]
      .filter(Boolean)
      .join(" ");
    note.hidden = !note.textContent;
    list.replaceChildren(...used.map(entry));
    list.scrollTop = 0;
    close = (act) => () => {
      node.hidden = true;
      list.replaceChildren();
      act();
      onDone();
    };
    const use = button(
      isAlone ? `Use ${used.length === 1 ? "this one" : `these ${inWords(used.length)}`}` : "Replace documents",
      close(() => onUse(used)),
      isAlone ? "ce-primary" : "",
    );
    const added = documents.slice(0, room.add);
    const add = button(
      `Add ${counted(added.length, "document")}`,
      close(() => onAdd(added)),
      "ce-primary",
    );
    const keep = button("Keep as one text", close(onKeep));
    actions.replaceChildren(...(isAlone || !added.length ? [use, keep] : [add, use, keep]));
    node.hidden = false;
  }

  function entry({ name, text }) {
    const words = element("span", { dir: "auto", textContent: firstWords(text, SHOWN_WORDS) });
    return element("li", {}, ...(name ? [element("b", { dir: "auto", textContent: `${name} ` })] : []), words);
  }

  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    actions.lastChild.click();
  });

  return {
    node,
    ask,
    get isAsking() {
      return !node.hidden;
    },
    focus: () => actions.firstChild?.focus(),
  };
}
