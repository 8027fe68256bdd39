// Files and folders that are dropped onto the page or chosen, sent to Python in messages that no proxy drops.
import { button, counted, element, inMegabytes } from "../web/dom.js";

const ENDINGS = /\.(txt|text|md|markdown|csv|tsv|jsonl|ndjson)(\.gz)?$/i;
const ACCEPT = ".txt,.text,.md,.markdown,.csv,.tsv,.jsonl,.ndjson";

/** Make the buttons. `complain(sentence)` says what is wrong; `say(sentence)` what is being done. Files of any name are
 * taken where Python tells by their content what they are. */
export function droppedFiles({ model, complain, say, onSent, takesAny = false }) {
  const inputs = [
    ["Choose files", false],
    ["Choose a folder", true],
  ].map(([text, isFolder]) => {
    const input = element("input", {
      type: "file",
      multiple: true,
      hidden: true,
      accept: isFolder || takesAny ? "" : ACCEPT,
    });
    input.webkitdirectory = isFolder;
    input.addEventListener("change", () => {
      take([...input.files].map((file) => [file.webkitRelativePath || file.name, file]));
      input.value = ""; // so that the same files can be chosen again
    });
    return { input, button: button(text, () => input.click()) };
  });

  async function take(found) {
    complain("");
    const { largest, message } = model.get("sources");
    const files = takesAny ? found : found.filter(([name]) => ENDINGS.test(name));
    if (!files.length)
      return complain("None of these is a text, a table or JSONL: use .txt, .md, .csv, .tsv or .jsonl files.");
    const size = files.reduce((sum, [, file]) => sum + file.size, 0);
    if (size > largest)
      return complain(
        `These files come to ${inMegabytes(size)} in total. At most ${inMegabytes(largest)} can be searched here.`,
      );
    say(`Reading ${counted(files.length, "file")} …`);
    const batches = [[]];
    let inBatch = 0;
    for (const [name, file] of files) {
      if (inBatch + file.size > message / 2 && batches.at(-1).length) {
        batches.push([]);
        inBatch = 0;
      }
      inBatch += file.size;
      batches.at(-1).push([name, file]);
    }
    for (const [index, batch] of batches.entries()) {
      const contents = await Promise.all(batch.map(([, file]) => file.arrayBuffer().catch(() => null)));
      const read = batch.map(([name], k) => [name, contents[k]]).filter(([, content]) => content);
      if (model.gone) return undefined;
      const names = read.map(([name]) => name);
      model.send(
        { event: "dropped", names, first: index === 0, last: index === batches.length - 1 },
        undefined,
        read.map(([, content]) => content),
      );
    }
    return onSent();
  }

  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

  return {
    nodes: inputs.flatMap(({ input, button: opener }) => [opener, input]),
    dropOn(place) {
      place.addEventListener("dragover", (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        place.classList.add("ce-collection-dropping");
      });
      place.addEventListener(
        "dragleave",
        (event) => !place.contains(event.relatedTarget) && place.classList.remove("ce-collection-dropping"),
      );
      place.addEventListener("drop", async (event) => {
        place.classList.remove("ce-collection-dropping");
        if (!hasFiles(event)) return;
        event.preventDefault();
        // Entries are gone after the first pause.
        const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
        const files = [...event.dataTransfer.files];
        take(
          entries.length ? (await Promise.all(entries.map(filesBelow))).flat() : files.map((file) => [file.name, file]),
        );
      });
    },
  };
}

/** Return the files below an entry of a drop, each with its path. */
async function filesBelow(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) return [[path, await new Promise((resolve, reject) => entry.file(resolve, reject))]];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    // A reader gives at most a hundred entries at a time.
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(filesBelow))).flat();
}
