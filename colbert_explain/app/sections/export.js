// Files to save and the Python that makes the view. Files come from Python in parts; pictures are drawn in the page.

import { button, copyText, element, freshId, saveFile } from "../web/dom.js";

const FILES = [
  ["html", "Page (HTML)", "one file with every view; opens anywhere without a network"],
  ["json", "Data (JSON)", "exact; load it again with ce.load_explanation"],
  ["csv", "Table (CSV)", "one row per query token"],
  ["ranking_html", "Ranking page (HTML)", "all documents in one file"],
  ["ranking", "Ranking (CSV)", "one row per document"],
  ["png", "Picture (PNG)", "heatmap as shown, 2× resolution"],
  ["svg", "Picture (SVG)", "heatmap as shown, sharp at every size"],
];
const PICTURES = ["png", "svg"];

/** Offer files and code.
 *
 * Sends `save` with the kind of the file; Python answers with messages `part` (export/file_sender.py). Data are those
 * of `save_section` (export/save_section.py). `page.picture(kind)` draws a picture: a promise of a Blob. */
export function exports({ model, page }) {
  const status = element("span", { className: "ce-muted", role: "status" });
  const problem = element("p", { className: "ce-problem", role: "alert" });
  const code = element("textarea", { id: freshId("code"), readOnly: true, rows: 10, spellcheck: false, wrap: "off" });
  const copied = element("span", { className: "ce-muted", role: "status" });
  const copy = button("Copy", copyCode, "", { dataset: { alone: "" } });
  const rows = new Map(FILES.map(([kind, title, words]) => [kind, fileRow(kind, title, words)]));
  const node = element(
    "div",
    { className: "ce-export" },
    element("div", { className: "ce-export-files" }, ...rows.values()),
    element("div", { className: "ce-export-status" }, status, problem),
    element(
      "div",
      { className: "ce-export-code" },
      element(
        "div",
        { className: "ce-export-heading" },
        element("label", { htmlFor: code.id, textContent: "Python to reproduce this view" }),
        copy,
        copied,
      ),
      code,
    ),
  );

  let stem = "explanation";

  function fileRow(kind, title, words) {
    const note = element("span", { className: "ce-muted", id: freshId("file"), textContent: words });
    const act = () => (PICTURES.includes(kind) ? picture(kind) : ask(kind));
    const save = button(title, act, "", { "aria-describedby": note.id });
    const row = element("div", { className: "ce-export-file" }, save, note);
    if (PICTURES.includes(kind)) row.dataset.alone = ""; // needs no Python
    return row;
  }

  function draw(data) {
    if (!data) return;
    for (const [kind, row] of rows) row.hidden = !PICTURES.includes(kind) && !data.kinds.includes(kind);
    stem = data.stem;
    if (code.value !== data.code) copied.textContent = "";
    code.value = data.code;
  }

  function ask(kind) {
    problem.textContent = "";
    status.textContent = "Writing the file …";
    model.send({ event: "save", kind });
  }

  async function picture(kind) {
    problem.textContent = "";
    status.textContent = "Drawing …";
    try {
      save(await page.picture(kind), `${stem}.${kind}`);
    } catch (error) {
      status.textContent = "";
      problem.textContent = `Couldn't draw the picture: ${error?.message ?? error}`;
    }
  }

  function save(blob, name) {
    saveFile(blob, name);
    status.textContent = `Saved ${name}.`;
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

  function fail() {
    if (model.get("problem")) status.textContent = "";
  }

  async function copyCode() {
    if (await copyText(code.value)) {
      copied.textContent = "Copied.";
      return;
    }
    code.focus();
    code.select();
    copied.textContent = "Selected: press Ctrl+C to copy it.";
  }

  model.on("msg:custom", receive);
  model.on("change:problem", fail);

  return {
    name: "save",
    title: "Save and Python",
    node,
    draw,
    destroy() {
      model.off("msg:custom", receive);
      model.off("change:problem", fail);
    },
  };
}
