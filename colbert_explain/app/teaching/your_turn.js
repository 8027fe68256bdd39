// One text to change, the other fixed; the score before and after. The heatmap stands below, in a widget of its own.

import { bind, button, countCharacters, element, freshId, inWords, keepKeys, muted, shortened } from "../web/dom.js";
import { withPython } from "../web/python_link.js";
import { keepText, keptText } from "./kept_answers.js";

const LONG = 400; // characters of a fixed text that are shown
const LINK = 8_000; // characters of an address that everything passes on
const NAMED = 200; // characters of each text at the start, by which what was typed is kept
const LABELS = { query: "Query", document: "Document" };

function render({ model, el }) {
  const side = model.get("edited");
  const start = model.get(side);
  const other = side === "query" ? "document" : "query";
  const fixedText = model.get(other);
  const id = freshId("your-turn");
  const name = `your turn, ${side}: ${[start, fixedText].map((text) => text.slice(0, NAMED)).join(" | ")}`;

  const field = element("textarea", { id, rows: 1, spellcheck: false, value: start });
  const explain = element("button", { type: "submit", className: "ce-primary", textContent: "Explain" });
  const reset = button("Reset", () => {
    keepText(name, null);
    ask(start);
  });
  const fixed = element(
    "p",
    { className: "ce-your-turn-fixed", dir: "auto" },
    shortened(fixedText.replaceAll(/\s+/g, " "), LONG),
    ...(countCharacters(fixedText) > LONG ? [muted(` (${inWords(countCharacters(fixedText))} characters)`)] : []),
  );
  const rows = {
    [other]: [element("span", { className: "ce-your-turn-label", textContent: LABELS[other] }), fixed],
    [side]: [element("label", { className: "ce-your-turn-label", htmlFor: id, textContent: LABELS[side] }), field],
  };
  const score = element("p", { className: "ce-your-turn-score", role: "status" });
  const status = element("span", { className: "ce-your-turn-status ce-muted" });
  const problem = element("p", { className: "ce-problem", role: "alert" });
  const link = element("a", { className: "ce-your-turn-link", textContent: "Change both texts in the workbench" });
  // A tab of its own: a lesson that is opened again takes its time.
  link.target = "_blank";
  const form = element(
    "form",
    { className: "ce-part ce-your-turn" },
    ...rows.query,
    ...rows.document,
    element("div", { className: "ce-your-turn-actions" }, explain, reset, status),
    score,
    problem,
    link,
  );
  el.append(form);

  function grow() {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
  }

  function ask(text) {
    field.value = text;
    grow();
    model.send({ event: "explain", text });
  }

  // The workbench reads both texts from the address's fragment, which never reaches a server.
  function showLink() {
    const texts = { [side]: field.value, [other]: fixedText };
    const fragment = `q=${encodeURIComponent(texts.query)}&d=${encodeURIComponent(texts.document)}`;
    link.hidden = !("voila" in document.body.dataset) || fragment.length > LINK;
    link.href = `workbench.ipynb#${fragment}`;
  }

  function showScore() {
    const { before, after, difference, words } = model.get("scores");
    const busy = model.get("busy");
    score.classList.toggle("ce-stale", busy);
    score.replaceChildren(
      ...(before ? ["Score ", element(after ? "span" : "strong", { textContent: before })] : []),
      ...(after ? [" → ", element("strong", { textContent: after }), muted(` (${difference})`)] : []),
      ...(words ? [element("span", { className: "ce-your-turn-words ce-muted" }, "Largest changes: ", words)] : []),
    );
    status.textContent = busy ? model.get("status") : "";
    explain.disabled = busy;
    problem.textContent = model.get("problem");
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(field.value);
  });
  field.addEventListener("input", () => {
    grow();
    showLink();
    keepText(name, field.value === start ? null : field.value);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  keepKeys(form);
  const unbind = bind(model, { "scores busy status problem": showScore });
  const sized = new ResizeObserver(grow); // hidden it has no height
  sized.observe(form);
  const typed = keptText(name);
  if (typed !== null && model.get("scores").after === undefined) ask(typed);
  showLink();
  return () => {
    sized.disconnect();
    unbind();
  };
}

export default { render: withPython(render, "form") };
