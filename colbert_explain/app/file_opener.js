// Opens files from disk: a button and a place to drop. Sizes are asked before a byte is read.

// Columns that are named one by one when they are not used.
const MOST_NAMED = 5;
const ENDINGS = ".txt,.text,.md,.markdown,.csv,.tsv,.jsonl,.ndjson";

function fileOpener({ model, id, list, complain, room }) {
  const input = element("input", { type: "file", accept: ENDINGS, multiple: true, hidden: true });
  const open = button("Open file …", () => input.click(), "ce-small");
  const said = element("p", { className: "ce-opened" });
  said.setAttribute("role", "status");
  const hint = element("span", { className: "ce-hint", textContent: "or drop .txt, .md, .csv, .tsv or .jsonl here" });
  const panel = element("div", { className: "ce-table", hidden: true });
  panel.setAttribute("role", "group");
  let opening = Promise.resolve();
  let waiting = null;
  let table = null;

  function say(sentence) {
    said.textContent = sentence;
  }

  function openFiles(files) {
    complain("");
    say("");
    // One after the other: each answer of the server belongs to the file that was sent last.
    for (const [index, file] of files.entries()) opening = opening.then(() => openOne(file, index > 0, files.length));
  }

  async function openOne(file, isNext, count) {
    const limit = model.get("largest_file");
    if (file.size > limit) {
      return complain(`A file must have at most ${inMegabytes(limit)}, got ${inMegabytes(file.size)}: ${shortened(file.name, 60)}`);
    }
    if (count > 1 && /\.(csv|tsv|jsonl|ndjson)$/i.test(file.name)) {
      return complain(`A table must be opened by itself, got ${count} files: ${shortened(file.name, 60)}`);
    }
    let bytes;
    try {
      bytes = await file.arrayBuffer();
    } catch {
      return complain(`The browser could not read ${shortened(file.name, 60)}; a folder cannot be opened.`);
    }
    say(`Opening ${shortened(file.name, 60)} …`);
    const answer = await new Promise((resolve) => {
      waiting = resolve;
      model.send({ event: "file", to: id, name: file.name }, undefined, [bytes]);
    });
    take(answer, isNext);
  }

  function take(answer, isNext) {
    say("");
    if (answer.event === "refused") return complain(answer.sentence);
    if (answer.event === "table") return showTable(answer);
    const { name, text } = answer;
    const left = room(isNext ? list.all() : list.others()).characters;
    const length = countCharacters(text);
    if (length > left) {
      return complain(
        `Query and documents must have at most ${inWords(model.get("largest_text"))} characters together, ` +
          `which leaves ${inWords(Math.max(left, 0))}; ${name} has ${inWords(length)}.`,
      );
    }
    if (isNext && list.all().length >= model.get("most_documents")) {
      return complain(`The number of documents must be at most ${inWords(model.get("most_documents"))}.`);
    }
    if (isNext) list.append([{ name, text }]);
    else list.fill(name, text);
    say(`${name} is open, ${inWords(length)} characters.`);
  }

  function showTable(answer) {
    table = answer;
    const header = element("input", { type: "checkbox", id: `${id}-header`, checked: answer.has_header });
    const texts = element("select", { id: `${id}-texts` });
    const names = element("select", { id: `${id}-names` });
    const [count, first] = [element("p"), element("p", { className: "ce-first" })];
    const unused = element("p", { className: "ce-first" });
    const notes = answer.notes.map((note) => element("p", { textContent: `${note}.` }));
    const heading = (index) => shortened((header.checked && answer.preview[0][index]) || `Column ${index + 1}`, 40);

    function showColumns() {
      // The likely columns at first, then what was chosen.
      const first = !texts.options.length;
      const [text, name] = first ? [String(answer.likely), String(answer.likely_name ?? "")] : [texts.value, names.value];
      const all = answer.preview[0].map((_, index) => option(String(index), heading(index)));
      texts.replaceChildren(...all);
      names.replaceChildren(option("", "none: Row 1, Row 2, …"), ...all.map((node) => node.cloneNode(true)));
      [texts.value, names.value] = [text, name];
      const rows = answer.rows - (header.checked ? 1 : 0);
      count.textContent =
        `${answer.name}: ${inWords(rows)} ${rows === 1 ? "row" : "rows"}. Each becomes a document, ` +
        `at most ${inWords(model.get("most_documents"))}.`;
      showFirst();
    }
    function showFirst() {
      const row = answer.preview[header.checked ? 1 : 0];
      first.textContent = row ? `First text: ${shortened(row[Number(texts.value)], 110)}` : "There is no row below the names.";
      unused.textContent = notUsed();
      unused.hidden = !unused.textContent;
    }
    function notUsed() {
      const left = [...answer.preview[0].keys()].filter((index) => ![texts.value, names.value].includes(String(index)));
      const more = left.length > MOST_NAMED ? ` and ${left.length - MOST_NAMED} more` : "";
      return left.length ? `Columns not used: ${left.slice(0, MOST_NAMED).map(heading).join(", ")}${more}.` : "";
    }
    const choose = (mode) => () => {
      const kept = mode === "replace" ? [] : list.all();
      const { documents, characters } = room(kept);
      complain("");
      table.notUsed = notUsed();
      model.send({
        event: "rows",
        to: id,
        mode,
        text_column: Number(texts.value),
        name_column: names.value === "" ? null : Number(names.value),
        has_header: header.checked,
        most_documents: documents,
        most_characters: characters,
      });
    };
    header.addEventListener("change", showColumns);
    texts.addEventListener("change", showFirst);
    names.addEventListener("change", showFirst);
    panel.setAttribute("aria-label", `Rows of ${answer.name}`);
    panel.replaceChildren(
      count,
      ...notes,
      element("label", { className: "ce-check", htmlFor: header.id }, header, " The first row holds the names of the columns"),
      labelled("Texts in column", texts, "ce-naming"),
      labelled("Names in column", names, "ce-naming"),
      first,
      unused,
      element(
        "div",
        { className: "ce-table-actions" },
        button("Use these rows", choose("replace"), "ce-small"),
        ...(list.isEmpty() ? [] : [button("Add to the documents", choose("add"), "ce-small")]),
        button("Close file", closeTable, "ce-small"),
      ),
    );
    panel.hidden = false;
    showColumns();
    texts.focus();
  }

  function closeTable() {
    model.send({ event: "close_file" });
    table = null;
    panel.hidden = true;
    panel.replaceChildren();
    open.focus();
  }

  function receive(answer) {
    if (answer.to !== id) return; // another view of the same form
    if (answer.event === "documents" && table) {
      const documents = answer.documents.map(([name, text]) => ({ name, text }));
      if (answer.mode === "replace") list.set(documents);
      else list.append(documents);
      const { name, notUsed } = table;
      closeTable();
      const opened = `${inWords(documents.length)} ${documents.length === 1 ? "row" : "rows"} of ${name} opened.`;
      say([opened, answer.left_out, notUsed].filter(Boolean).join(" "));
    } else if (waiting) {
      waiting(answer);
      waiting = null;
    } else if (answer.event === "refused") {
      complain(answer.sentence);
    }
  }
  model.on("msg:custom", receive);
  input.addEventListener("change", () => {
    openFiles([...input.files]);
    input.value = ""; // so that the same file can be opened again
  });

  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  // A file dropped beside the field would otherwise take the place of the whole page.
  const guard = (event) => hasFiles(event) && !event.defaultPrevented && event.preventDefault();
  document.addEventListener("dragover", guard);
  document.addEventListener("drop", guard);

  return {
    nodes: [open, hint, said, panel],
    dropOn(field) {
      field.addEventListener("dragover", (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        field.classList.add("ce-dropping");
      });
      field.addEventListener("dragleave", () => field.classList.remove("ce-dropping"));
      field.addEventListener("drop", (event) => {
        field.classList.remove("ce-dropping");
        if (!hasFiles(event)) return;
        event.preventDefault();
        event.stopPropagation();
        openFiles([...event.dataTransfer.files]);
      });
      field.append(input);
    },
    say,
    destroy() {
      model.off("msg:custom", receive);
      document.removeEventListener("dragover", guard);
      document.removeEventListener("drop", guard);
    },
  };
}
