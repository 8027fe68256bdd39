// The workbench's form around its parts, which stand before it in the same script.

let forms = 0;

function render({ model, el }) {
  const id = `ce-form-${++forms}`;
  const examples = element("select", { id: `${id}-example` });
  const note = element("p", { className: "ce-note", id: `${id}-note` });
  const query = element("textarea", { id: `${id}-query`, rows: 7, spellcheck: false, dir: "auto" });
  const explain = button("Explain", send, "ce-primary");
  const cancel = button("Cancel", () => model.send({ event: "cancel" }));
  const progress = element("progress", { max: 1 });
  progress.setAttribute("aria-label", "Progress");
  const status = element("span", { className: "ce-status" });
  status.setAttribute("role", "status");
  const problem = element("p", { className: "ce-problem" });
  problem.setAttribute("role", "alert");
  const list = documentList({ model, id, complain, onChange: changed });
  const opener = fileOpener({ model, id, list, complain, room });
  const actions = element("div", { className: "ce-document-actions" }, list.add, ...opener.nodes);
  const documentField = element("div", { className: "ce-field ce-documents" }, ...list.nodes, actions);
  opener.dropOn(documentField);

  el.append(
    element(
      "div",
      { className: "ce-form" },
      element("div", { className: "ce-examples" }, labelled("Start from an example", examples), note),
      element("div", { className: "ce-fields" }, labelled("Query", query, "ce-field ce-query"), documentField),
      element(
        "div",
        { className: "ce-actions" },
        explain,
        cancel,
        element("span", { className: "ce-hint", textContent: "or Ctrl+Enter in a field" }),
        progress,
        status,
      ),
      problem,
    ),
  );

  // What a reader typed before looking at an example, to come back to.
  let own = null;

  function fillExamples() {
    const groups = new Map();
    model.get("samples").forEach((sample, index) => {
      if (!groups.has(sample.group)) groups.set(sample.group, element("optgroup", { label: sample.group }));
      groups.get(sample.group).append(option(String(index), sample.title));
    });
    examples.replaceChildren(option("", "Your own texts"), ...groups.values());
  }

  function chosenSample() {
    const texts = list.all();
    if (texts.length > 1) return -1;
    return model.get("samples").findIndex((s) => s.query === query.value && s.document === texts[0].text);
  }

  function selectExample() {
    const index = chosenSample();
    examples.value = index < 0 ? "" : String(index);
    note.textContent = index < 0 ? "" : model.get("samples")[index].note;
  }

  function changed() {
    if (examples.options.length) selectExample();
  }

  function complain(sentence) {
    problem.textContent = sentence;
  }

  function room(kept) {
    const used = kept.reduce((sum, one) => sum + countCharacters(one.text), countCharacters(query.value));
    return { documents: model.get("most_documents") - kept.length, characters: model.get("largest_text") - used };
  }

  // Characters first, which a reader can count; then what the way to the server holds.
  function tooLarge(characters, bytes) {
    const [most, limit] = [model.get("largest_text"), model.get("largest_message")];
    if (characters > most) {
      complain(
        `Query and documents must have at most ${inWords(most)} characters together, got ${inWords(characters)}.`,
      );
    } else if (bytes > limit) {
      complain(`Query and documents must be at most ${inMegabytes(limit)} together, got ${inMegabytes(bytes)}.`);
    }
    return characters > most || bytes > limit;
  }

  function send() {
    const texts = list.all();
    const message = { event: "explain", query: query.value };
    if (texts.length === 1) message.document = texts[0].text;
    else message.documents = texts.map((one) => [one.name, one.text]);
    for (const [side, value] of [["query", query.value], ...texts.map((one) => ["document", one.text])]) {
      if (value.isWellFormed && !value.isWellFormed()) {
        return complain(`The ${side} must be valid Unicode, but holds half of a surrogate pair.`);
      }
    }
    const characters = model.get("largest_text") - room(texts).characters;
    if (model.gone) return;
    if (tooLarge(characters, new TextEncoder().encode(JSON.stringify(message)).length)) return;
    complain("");
    opener.say("");
    model.send(message);
  }

  // Nothing that is left over from before may look like an answer.
  model.whenGone((gone) => {
    if (!gone) return;
    status.textContent = "";
    progress.hidden = true;
    complain("");
    opener.say("");
  });

  // The server may set the texts; what a reader is typing is sent with the click, not before.
  const show = {
    query: () => (query.value = model.get("query")),
    documents: () => list.set(model.get("documents")),
    samples: fillExamples,
    busy: () => {
      cancel.disabled = !model.get("busy");
      progress.hidden = !model.get("busy");
      if (!model.get("busy")) progress.removeAttribute("value");
    },
    progress: () => {
      const share = model.get("progress");
      if (share === null) progress.removeAttribute("value");
      else progress.value = share;
    },
    status: () => (status.textContent = model.get("status")),
    problem: () => complain(model.get("problem")),
  };
  for (const [name, update] of Object.entries(show)) {
    update();
    model.on(`change:${name}`, update);
  }
  selectExample();

  examples.addEventListener("change", () => {
    const sample = model.get("samples")[Number(examples.value)];
    if (chosenSample() < 0) own = { query: query.value, documents: list.all() };
    if (examples.value === "" || !sample) {
      if (own) {
        query.value = own.query;
        list.set(own.documents);
      }
      note.textContent = "";
      return;
    }
    query.value = sample.query;
    list.set([{ name: "Document 1", text: sample.document }]);
    send();
  });
  for (const area of [query, list.area]) {
    area.addEventListener("input", selectExample);
    for (const [event, source] of [["paste", "clipboardData"], ["drop", "dataTransfer"]]) {
      area.addEventListener(event, (happened) => {
        // A field with tens of megabytes in it would freeze the page before anybody could say so.
        const added = happened[source]?.getData("text").length ?? 0;
        const before = model.get("largest_text") - room(list.all()).characters;
        const replaced = area.selectionEnd - area.selectionStart;
        if (added && tooLarge(added + before - replaced, added)) happened.preventDefault();
      });
    }
  }
  el.addEventListener("keydown", (event) => {
    // JupyterLab would run the cell.
    event.stopPropagation();
    const isField = event.target.matches("textarea, input[type=text]");
    if (isField && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.target.blur(); // a name that is being typed counts
      event.target.focus();
      send();
    }
  });

  // JupyterLab's theme, where there is one, over the system's: so decides the style sheet, too.
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  function reportTheme() {
    const lab = document.querySelector("[data-jp-theme-light]")?.dataset.jpThemeLight;
    const theme = (lab === undefined ? system.matches : lab === "false") ? "dark" : "light";
    if (theme === model.get("theme")) return;
    model.set("theme", theme);
    model.save_changes();
  }
  const themes = new MutationObserver(reportTheme);
  themes.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  system.addEventListener("change", reportTheme);
  reportTheme();

  // Plotly's figure widget measures its place only when the window is resized. The workbench
  // changes size when a figure is put into it, or when a side bar opens.
  let pending;
  const observer = new ResizeObserver(() => {
    clearTimeout(pending);
    pending = setTimeout(() => window.dispatchEvent(new Event("resize")), 50);
  });
  const attached = setTimeout(() => observer.observe(el.closest(".ce-workbench") ?? el), 0);

  return () => {
    opener.destroy();
    observer.disconnect();
    themes.disconnect();
    system.removeEventListener("change", reportTheme);
    clearTimeout(pending);
    clearTimeout(attached);
    for (const [name, update] of Object.entries(show)) model.off(`change:${name}`, update);
  };
}

export default { render: withPython(render, "workbench") };
