// What a paste does: it goes into its field, and if it looks like several documents, the page offers to split it.
import { countCharacters, counted } from "../web/dom.js";
import { pastePreview } from "./paste_preview.js";
import { countAll, sizeProblem, tooManyDocuments } from "./size_limits.js";
import { splitDocuments } from "./split_documents.js";
import { firstWords } from "./typed_texts.js";

const textIn = (event) => (event.clipboardData ?? event.dataTransfer)?.getData("text") ?? "";

/** Make the handlers. `use` and `add` take documents and a sentence that says what was done; `isGiven(text)` tells a
 * text that the reader did not type, which a paste may replace; `onKeep()` is called when the text stays as it was
 * pasted into its field, `onDone()` whenever the preview has closed. */
export function pasting({ typed, limits, room, complain, use, add, isGiven, onKeep, onDone }) {
  const preview = pastePreview({ onDone });

  /** Stop a text that is too large: a field with tens of megabytes in it would freeze the page. */
  function guard(event) {
    const text = textIn(event);
    if (!text) return false;
    const { selectionStart = 0, selectionEnd = 0 } = event.target;
    // Its length is at most twice what Python counts, and quick to know.
    const added = text.length > 2 * limits().text ? text.length : countCharacters(text);
    const problem = sizeProblem(countAll(typed) + added - (selectionEnd - selectionStart), text.length, limits());
    if (!problem) return false;
    event.preventDefault();
    complain(problem);
    return true;
  }

  const spare = () => ({ replace: limits().documents, add: room(true).documents });

  /** A paste into the text of a document; the text stays in its field unless it is split. */
  function intoDocument(event, key) {
    if (guard(event)) return;
    const found = splitDocuments(textIn(event));
    if (!found) return;
    const before = event.target.value;
    const others = typed.documents.filter((one) => one.key !== key && one.text.trim());
    const { selectionStart, selectionEnd } = event.target;
    const isWhole = isGiven(before) || !(before.slice(0, selectionStart) + before.slice(selectionEnd)).trim();
    const isAlone = isWhole && !others.length;
    preview.ask(found, {
      room: spare(),
      isAlone,
      onUse: (documents) =>
        use(documents, `${counted(documents.length, "document")} ${isAlone ? "added" : "replaced the others"}.`),
      onAdd(documents) {
        // The paste in the field becomes documents of their own.
        if (isWhole) typed.remove(key);
        else typed.setText(key, before);
        add(documents, `${counted(documents.length, "document")} added.`);
      },
      onKeep,
    });
  }

  /** A paste on the list itself, outside a field. */
  function intoRail(event) {
    if (event.target.matches("input, textarea")) return;
    const text = textIn(event);
    if (!text.trim() || guard(event)) return;
    event.preventDefault();
    const found = splitDocuments(text);
    const one = [{ name: "", text: text.trim() }];
    const addOne = () => {
      if (spare().add) add(one, `Added “${firstWords(text)}”.`);
      else complain(tooManyDocuments(limits().documents + 1, limits()));
    };
    if (!found) {
      addOne();
      return;
    }
    preview.ask(found, {
      room: spare(),
      isAlone: false,
      onUse: (documents) => use(documents, `${counted(documents.length, "document")} replaced the others.`),
      onAdd: (documents) => add(documents, `${counted(documents.length, "document")} added.`),
      onKeep: addOne,
    });
    preview.focus();
  }

  return {
    node: preview.node,
    /** Whether the page waits to be told what to do with a paste. */
    get isAsking() {
      return preview.isAsking;
    },
    guard,
    intoDocument,
    intoRail,
  };
}
