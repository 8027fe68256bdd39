// The workbench's form. Texts are only ever set as values or textContent, never as markup.

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

let forms = 0;

function render({ model, el }) {
  const id = `ce-form-${++forms}`;
  const examples = element("select", { id: `${id}-example` });
  const note = element("p", { className: "ce-note", id: `${id}-note` });
  const query = element("textarea", { id: `${id}-query`, rows: 7, spellcheck: false, dir: "auto" });
  const text = element("textarea", { id: `${id}-document`, rows: 7, spellcheck: false, dir: "auto" });
  const explain = element("button", { type: "button", className: "ce-primary", textContent: "Explain" });
  const cancel = element("button", { type: "button", textContent: "Cancel" });
  const progress = element("progress", { max: 1 });
  progress.setAttribute("aria-label", "Progress");
  const status = element("span", { className: "ce-status" });
  status.setAttribute("role", "status");
  const problem = element("p", { className: "ce-problem" });
  problem.setAttribute("role", "alert");

  const field = (label, control) =>
    element("div", { className: "ce-field" }, element("label", { htmlFor: control.id, textContent: label }), control);

  el.append(
    element(
      "div",
      { className: "ce-form" },
      element("div", { className: "ce-examples" }, field("Start from an example", examples), note),
      element("div", { className: "ce-fields" }, field("Query", query), field("Document", text)),
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

  function fillExamples() {
    const groups = new Map();
    model.get("samples").forEach((sample, index) => {
      if (!groups.has(sample.group)) groups.set(sample.group, element("optgroup", { label: sample.group }));
      groups.get(sample.group).append(element("option", { value: String(index), textContent: sample.title }));
    });
    examples.replaceChildren(element("option", { value: "", textContent: "Your own texts" }), ...groups.values());
  }

  function selectExample() {
    const samples = model.get("samples");
    const index = samples.findIndex((s) => s.query === query.value && s.document === text.value);
    examples.value = index < 0 ? "" : String(index);
    note.textContent = index < 0 ? "" : samples[index].note;
  }

  function complain(sentence) {
    problem.textContent = sentence;
  }

  function tooLarge(size) {
    const megabytes = (bytes) => (bytes / 1048576).toFixed(1);
    const limit = model.get("largest_message");
    if (size <= limit) return false;
    complain(`Query and document must be at most ${megabytes(limit)} MB together, got ${megabytes(size)} MB.`);
    return true;
  }

  function send() {
    const message = { event: "explain", query: query.value, document: text.value };
    const size = new TextEncoder().encode(JSON.stringify(message)).length;
    for (const [name, value] of [["query", query.value], ["document", text.value]]) {
      if (value.isWellFormed && !value.isWellFormed()) {
        return complain(`The ${name} must be valid Unicode, but holds half of a surrogate pair.`);
      }
    }
    if (tooLarge(size)) return;
    complain("");
    model.send(message);
  }

  // The server may set the texts; what a reader is typing is sent with the click, not before.
  const show = {
    query: () => (query.value = model.get("query")),
    document: () => (text.value = model.get("document")),
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
    if (examples.value === "" || !sample) {
      note.textContent = "";
      return;
    }
    query.value = sample.query;
    text.value = sample.document;
    selectExample();
    send();
  });
  for (const area of [query, text]) {
    area.addEventListener("input", selectExample);
    area.addEventListener("paste", (event) => {
      // A field with tens of megabytes in it would freeze the page before anybody could say so.
      if (tooLarge(event.clipboardData?.getData("text").length ?? 0)) event.preventDefault();
    });
    area.addEventListener("keydown", (event) => {
      // JupyterLab would run the cell.
      event.stopPropagation();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        send();
      }
    });
  }
  explain.addEventListener("click", send);
  cancel.addEventListener("click", () => model.send({ event: "cancel" }));

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
    observer.disconnect();
    themes.disconnect();
    system.removeEventListener("change", reportTheme);
    clearTimeout(pending);
    clearTimeout(attached);
    for (const [name, update] of Object.entries(show)) model.off(`change:${name}`, update);
  };
}

export default { render };
