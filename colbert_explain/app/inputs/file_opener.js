// Opens files from disk: a button and a place to drop them. Sizes are checked before a byte is read.
import { button, countCharacters, counted, element, freshId, inMegabytes, shortened } from "../web/dom.js";
import { sizeProblem, tooManyDocuments } from "./size_limits.js";
import { tablePreview } from "./table_preview.js";

const ENDINGS = ".txt,.text,.md,.markdown,.csv,.tsv,.jsonl,.ndjson,.json";
const ALONE = /\.(csv|tsv|jsonl|ndjson|json)$/i;

/** Make the opener. `room(keeps)` returns how many `documents` and `characters` still fit. */
export function fileOpener({ model, typed, room, complain, say, onDocuments, onText, onExplanation }) {
  const id = freshId("files");
  const input = element("input", { type: "file", accept: ENDINGS, multiple: true, hidden: true });
  const open = button("Open file", () => input.click());
  open.title = "Open .txt, .md, .csv, .tsv or .jsonl, or a saved explanation (.json); or drop it here";
  const preview = tablePreview();
  let opening = Promise.resolve();
  let waiting = null;
  let table = null;

  const limits = () => model.get("limits");

  function openFiles(files) {
    complain("");
    say("");
    // One after the other: each answer of Python belongs to the file that was sent last.
    for (const [index, file] of files.entries()) opening = opening.then(() => openOne(file, index, files.length));
  }

  async function openOne(file, index, count) {
    const name = shortened(file.name, 60);
    const limit = limits().file;
    if (file.size > limit) {
      return complain(`${name} is ${inMegabytes(file.size)}. At most ${inMegabytes(limit)} can be opened.`);
    }
    if (count > 1 && ALONE.test(file.name)) {
      return complain(`Open ${name} by itself: tables and saved explanations can only be opened one at a time.`);
    }
    let bytes;
    try {
      bytes = await file.arrayBuffer();
    } catch {
      return complain(`The browser could not read ${name}. Folders can't be opened.`);
    }
    if (model.gone) return undefined;
    say(`Opening ${name} …`);
    const answer = await new Promise((resolve) => {
      waiting = resolve;
      model.send({ event: "file", to: id, name: file.name }, undefined, [bytes]);
    });
    return take(answer, index > 0, index === count - 1);
  }

  function take(answer, isNext, isLast) {
    say("");
    if (answer.event === "refused") return complain(answer.sentence);
    if (answer.event === "table") return showTable(answer);
    if (answer.event === "explanation") return onExplanation(answer);
    const { name, text } = answer;
    const length = countCharacters(text);
    const left = room(true).characters;
    const all = typed.documents.length + 1;
    const tooMuch = length > left ? sizeProblem(limits().text - left + length, 0, limits()) : "";
    const problem = tooMuch || (typed.isEmpty() ? "" : tooManyDocuments(all, limits()));
    if (problem) return complain(`${name} was not opened. ${problem}`);
    return onText({ name, text }, { isNext, isLast, said: `${name} is open, ${counted(length, "character")}.` });
  }

  function showTable(answer) {
    table = answer;
    const hasDocuments = !typed.isEmpty();
    preview.ask(answer, {
      mostDocuments: limits().documents,
      hasDocuments,
      close: closeTable,
      choose(mode, columns, notUsed) {
        const { documents, characters } = room(mode === "add" && hasDocuments);
        complain("");
        table.notUsed = notUsed;
        model.send({ event: "rows", to: id, mode, ...columns, most_documents: documents, most_characters: characters });
      },
    });
  }

  function closeTable() {
    model.send({ event: "close_file" });
    table = null;
    preview.close();
    open.focus();
  }

  function receive(answer) {
    if (answer?.to !== id) return; // another view of the same page
    if (answer.event === "documents" && table) {
      const documents = answer.documents.map(([name, text]) => ({ name, text }));
      const { name, notUsed } = table;
      closeTable();
      const opened = `${counted(documents.length, "row")} of ${name} opened.`;
      onDocuments(documents, answer.mode, [opened, answer.left_out, notUsed].filter(Boolean).join(" "));
    } else if (waiting) {
      waiting(answer);
      waiting = null;
    } else if (answer.event === "refused") complain(answer.sentence);
  }

  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  // A file dropped beside its place would otherwise take the place of the whole page.
  const guard = (event) => hasFiles(event) && !event.defaultPrevented && event.preventDefault();

  model.on("msg:custom", receive);
  input.addEventListener("change", () => {
    openFiles([...input.files]);
    input.value = ""; // so that the same file can be opened again
  });
  document.addEventListener("dragover", guard);
  document.addEventListener("drop", guard);

  return {
    button: open,
    /** The hidden field and the preview, to be put where the preview is to be seen. */
    nodes: [input, preview.node],
    dropOn(place) {
      place.addEventListener("dragover", (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        place.classList.add("ce-dropping");
      });
      place.addEventListener("dragleave", (event) => {
        if (!place.contains(event.relatedTarget)) place.classList.remove("ce-dropping");
      });
      place.addEventListener("drop", (event) => {
        place.classList.remove("ce-dropping");
        if (!hasFiles(event)) return;
        event.preventDefault();
        event.stopPropagation();
        openFiles([...event.dataTransfer.files]);
      });
    },
    destroy() {
      model.off("msg:custom", receive);
      document.removeEventListener("dragover", guard);
      document.removeEventListener("drop", guard);
    },
  };
}
