// Files are built in Python or, pictures, from the figure in this page; saved from a Blob.

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

const FILES = [
  ["html", "Page (HTML)", "one file with every view, opens anywhere, no network needed"],
  ["json", "Data (JSON)", "exact; ce.load_explanation reads it back"],
  ["csv", "Table (CSV)", "a row for each query token"],
  ["ranking", "Ranking (CSV)", "a row for each document"],
];
const PICTURES = [
  ["png", "Picture (PNG)", "the heatmap as shown, at twice the resolution"],
  ["svg", "Picture (SVG)", "the heatmap as shown, sharp at every size"],
];
let panels = 0;

function render({ model, el }) {
  const id = `ce-export-${++panels}`;
  const buttons = new Map();
  const list = element("div", { className: "ce-files" });
  const status = element("span", { className: "ce-quiet" });
  status.setAttribute("role", "status");
  const cancel = element("button", { type: "button", textContent: "Cancel" });
  const progress = element("progress", { max: 1 });
  progress.setAttribute("aria-label", "Progress");
  const problem = element("p", { className: "ce-problem" });
  problem.setAttribute("role", "alert");
  const code = element("textarea", { id: `${id}-code`, readOnly: true, rows: 12, spellcheck: false, wrap: "off" });
  const copy = element("button", { type: "button", textContent: "Copy the Python" });
  copy.dataset.alone = "";
  const copied = element("span", { className: "ce-quiet" });
  copied.setAttribute("role", "status");
  for (const [kind, title, words] of [...FILES, ...PICTURES]) {
    const button = element("button", { type: "button", textContent: title });
    const words_ = element("span", { className: "ce-quiet", id: `${id}-${kind}`, textContent: words });
    button.setAttribute("aria-describedby", words_.id);
    button.addEventListener("click", () => (PICTURES.some(([name]) => name === kind) ? picture(kind) : ask(kind)));
    const node = element("div", { className: "ce-file" }, button, words_);
    if (PICTURES.some(([name]) => name === kind)) node.dataset.alone = ""; // drawn here
    buttons.set(kind, node);
    list.append(node);
  }
  const root = element(
    "div",
    { className: "ce-export" },
    element("h4", { textContent: "Save" }),
    list,
    element("div", { className: "ce-actions" }, progress, cancel, status),
    problem,
    element("h4", {}, element("label", { htmlFor: code.id, textContent: "The Python that makes this view again" })),
    code,
    element("div", { className: "ce-actions" }, copy, copied),
  );
  el.append(root);

  function ask(kind) {
    problem.textContent = "";
    model.send({ event: "export", kind });
  }

  function save(blob, name) {
    const url = URL.createObjectURL(blob);
    const link = element("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    status.textContent = `Saved ${name}.`;
  }

  async function picture(kind) {
    const figure = el.closest(".ce-workbench, .ce-results")?.querySelector(".ce-heatmap .js-plotly-plot");
    problem.textContent = "";
    if (!figure || !window.Plotly) {
      problem.textContent = "The heatmap is not drawn yet.";
      return;
    }
    status.textContent = "Drawing …";
    try {
      const size = { width: figure.clientWidth, height: figure.clientHeight };
      const scale = kind === "png" ? 2 : 1;
      const url = await window.Plotly.toImage(figure, { format: kind, scale, ...size });
      const blob = await toBlob(url, kind);
      save(blob, `${model.get("stem")}.${kind}`);
    } catch (error) {
      status.textContent = "";
      problem.textContent = `The picture could not be drawn: ${error?.message ?? error}`;
    }
  }

  // Not by fetch: a page's policy may forbid it for data addresses.
  function toBlob(url, kind) {
    const comma = url.indexOf(",");
    const [head, body] = [url.slice(0, comma), url.slice(comma + 1)];
    if (!head.endsWith(";base64")) return new Blob([decodeURIComponent(body)], { type: "image/svg+xml" });
    const bytes = Uint8Array.from(atob(body), (c) => c.charCodeAt(0));
    return new Blob([bytes], { type: kind === "png" ? "image/png" : "image/svg+xml" });
  }

  const arriving = new Map();
  function receive(message, buffers) {
    if (message.event !== "part") return;
    const parts = arriving.get(message.number) ?? [];
    arriving.set(message.number, parts);
    parts[message.index] = buffers[0];
    if (parts.filter((part) => part !== undefined).length < message.count) return;
    arriving.delete(message.number);
    save(new Blob(parts, { type: message.mime }), message.name);
  }

  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(model.get("code"));
      copied.textContent = "Copied.";
    } catch {
      // A page that came over plain HTTP has no clipboard.
      code.focus();
      code.select();
      copied.textContent = "Selected: press Ctrl+C to copy it.";
    }
  });
  cancel.addEventListener("click", () => model.send({ event: "cancel" }));
  root.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab's commands

  const show = {
    ranked: () => (buttons.get("ranking").hidden = !model.get("ranked")),
    code: () => {
      code.value = model.get("code");
      copied.textContent = "";
    },
    busy: () => {
      cancel.hidden = progress.hidden = !model.get("busy");
      if (!model.get("busy")) progress.removeAttribute("value");
    },
    status: () => {
      if (model.get("status") !== "Done.") status.textContent = model.get("status");
    },
    problem: () => (problem.textContent = model.get("problem")),
  };
  for (const [name, act] of Object.entries(show)) {
    act();
    model.on(`change:${name}`, act);
  }
  model.on("msg:custom", receive);
  return () => {
    for (const [name, act] of Object.entries(show)) model.off(`change:${name}`, act);
    model.off("msg:custom", receive);
  };
}

export default { render: withPython(render) };
