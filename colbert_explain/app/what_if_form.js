// What if this were not there. Texts are only ever set as textContent, never as markup.

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

const signed = (value) =>
  Math.abs(value) < 0.0005 ? "±0.000" : (value < 0 ? "−" : "+") + Math.abs(value).toFixed(3);
const emphasised = (parts) =>
  parts.map(([text, isEmphasised]) => (isEmphasised ? element("bdi", {}, element("em", { textContent: text })) : text));

let forms = 0;

function render({ model, el }) {
  const id = `ce-what-if-${++forms}`;
  const choice = element("div", { className: "ce-units" });
  choice.setAttribute("role", "radiogroup");
  choice.setAttribute("aria-label", "A click removes");
  const kinds = { words: "a word", sentences: "a sentence" };
  for (const [value, text] of Object.entries(kinds)) {
    const input = element("input", { type: "radio", name: `${id}-unit`, value, checked: value === "words" });
    input.addEventListener("change", write);
    choice.append(element("label", {}, input, ` ${text}`));
    choice.dataset.alone = "";
  }
  const selection = element("button", { type: "button", textContent: "Remove the selection", disabled: true });
  const undo = element("button", { type: "button", textContent: "Undo" });
  const reset = element("button", { type: "button", textContent: "Reset" });
  const text = element("div", { className: "ce-document-copy", tabIndex: 0, dir: "auto" });
  text.setAttribute("role", "listbox");
  text.setAttribute("aria-label", "The document: choose what to remove");
  text.setAttribute("aria-describedby", `${id}-hint`);
  const unread = element("p", { className: "ce-quiet" });
  const problem = element("p", { className: "ce-problem" });
  problem.setAttribute("role", "alert");
  const answers = element("div", { className: "ce-answers" });
  answers.setAttribute("aria-live", "polite");
  const root = element(
    "div",
    { className: "ce-what-if" },
    element("p", {
      className: "ce-quiet",
      id: `${id}-hint`,
      textContent:
        "Remove a span of the document and see how the score changes. Click a word or sentence, or select any span and " +
        "press “Remove the selection”. With the keyboard: arrow keys, with Shift for several, then Enter.",
    }),
    element(
      "div",
      { className: "ce-tools" },
      element("span", { className: "ce-legend", textContent: "A click removes" }),
      choice,
      selection,
      undo,
      reset,
    ),
    text,
    unread,
    problem,
    answers,
  );
  el.append(root);

  // Python counts characters, JavaScript halves of some.
  let points = [];
  let spans = [];
  let here = -1;
  let anchor = -1;
  const unit = () => choice.querySelector("input:checked").value;
  // What is shown in place of signs that the page would obey; the text itself has one character there.
  const shownLength = (point) => Array.from(point).length;
  const slice = (start, end) => points.slice(start, end).join("");

  function write() {
    const units = model.get("units");
    text.replaceChildren();
    here = anchor = -1;
    spans = units[unit()] ?? [];
    points = Array.from(units.text ?? "");
    for (const [at, shown] of units.signs ?? []) points[at] = shown;
    let done = 0;
    spans.forEach(([start, end], k) => {
      if (start > done) text.append(slice(done, start));
      const node = element("span", { id: `${id}-unit-${k}`, textContent: slice(start, end) });
      node.setAttribute("role", "option");
      node.dataset.unit = k;
      text.append(node);
      done = end;
    });
    text.append(slice(done));
    unread.textContent = units.unread
      ? `${units.unread.toLocaleString("en-US")} more characters were not read and are not shown.`
      : "";
    mark();
  }

  const nodes = () => text.querySelectorAll("[data-unit]");

  function mark() {
    const [start, end] = model.get("struck");
    const [low, high] = here < 0 ? [-1, -2] : [Math.min(here, anchor), Math.max(here, anchor)];
    nodes().forEach((node, k) => {
      const [from, to] = spans[k];
      const struck = start !== undefined && from < end && to > start;
      node.classList.toggle("ce-struck", struck);
      node.classList.toggle("ce-here", k >= low && k <= high);
      node.setAttribute("aria-selected", String(struck));
    });
    if (here >= 0) text.setAttribute("aria-activedescendant", `${id}-unit-${here}`);
    else text.removeAttribute("aria-activedescendant");
  }

  function strike(start, end) {
    if (end > start) model.send({ event: "strike", start, end });
  }

  // Where in the text a place of the browser's selection lies, in characters of Python.
  function offsetOf(node, offset) {
    const range = document.createRange();
    range.setStart(text, 0);
    range.setEnd(node, offset);
    let shown = shownLength(range.toString());
    let at = 0;
    for (; at < points.length && shown > 0; at++) shown -= shownLength(points[at]);
    return at;
  }

  function selected() {
    const chosen = document.getSelection();
    if (!chosen || chosen.isCollapsed || !chosen.rangeCount) return null;
    const range = chosen.getRangeAt(0);
    if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return null;
    const ends = [
      offsetOf(range.startContainer, range.startOffset),
      offsetOf(range.endContainer, range.endOffset),
    ];
    return ends[1] > ends[0] ? ends : null;
  }

  const follow = () => (selection.disabled = model.gone || !selected());
  document.addEventListener("selectionchange", follow);
  selection.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the selection
  selection.addEventListener("click", () => {
    const ends = selected();
    if (!ends) return;
    document.getSelection().removeAllRanges();
    strike(...ends);
  });
  text.addEventListener("click", (event) => {
    const node = event.target.closest("[data-unit]");
    if (!node || selected()) return;
    here = anchor = Number(node.dataset.unit);
    mark();
    strike(...spans[here]);
  });
  text.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab would take it for a command
    if (event.ctrlKey || event.altKey || event.metaKey || !spans.length) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      if (here < 0) return;
      strike(spans[Math.min(here, anchor)][0], spans[Math.max(here, anchor)][1]);
    } else if (event.key === "Home" || event.key === "End") {
      here = event.key === "Home" ? 0 : spans.length - 1;
      if (!event.shiftKey || anchor < 0) anchor = here;
    } else if (step) {
      here = here < 0 ? 0 : Math.min(Math.max(here + step, 0), spans.length - 1);
      if (!event.shiftKey || anchor < 0) anchor = here;
    } else return;
    event.preventDefault();
    mark();
    text.querySelector(`[data-unit="${here}"]`)?.scrollIntoView({ block: "nearest" });
  });
  for (const [button, event] of [
    [undo, "undo"],
    [reset, "reset"],
  ]) {
    button.addEventListener("click", () => model.send({ event }));
  }
  root.addEventListener("keydown", (event) => event.stopPropagation());

  const status = element("span", { className: "ce-quiet" });
  const progress = element("progress", { max: 1 });
  progress.setAttribute("aria-label", "Progress");
  const cancel = element("button", { type: "button", textContent: "Cancel" });
  cancel.addEventListener("click", () => model.send({ event: "cancel" }));
  const reencode = element("button", { type: "button", textContent: "Encode the text again without the span" });
  reencode.addEventListener("click", () => model.send({ event: "reencode" }));
  const work = element("div", { className: "ce-work" }, reencode, progress, cancel, status);

  function card(title, words, result) {
    const node = element("div", { className: "ce-card" }, element("h4", { textContent: title }));
    if (result) {
      node.append(
        element(
          "p",
          { className: "ce-result" },
          element("b", { textContent: result.score.toFixed(3) }),
          element("span", { textContent: ` ${signed(result.difference)}` }),
        ),
      );
    } else node.append(work);
    node.append(element("p", { className: "ce-quiet", textContent: words }));
    return node;
  }

  function answer() {
    const found = model.get("answer");
    answers.replaceChildren();
    if (!found.masked) return;
    const cards = element(
      "div",
      { className: "ce-cards" },
      card("Masked", "Its tokens cannot be matched; all other vectors stay the same. Exact, and computed at once.", found.masked),
    );
    if (found.reencoded || model.get("can_reencode")) {
      cards.append(
        card("Encoded again without it", "The model encodes the shorter text: this is the score that it gives.", found.reencoded),
      );
    }
    const number = (one) =>
      one
        ? [element("b", { textContent: one.value.toFixed(3) }), " ", element("bdi", { textContent: one.match })]
        : [element("span", { className: "ce-quiet", textContent: "…" })];
    const rows = found.rows.map((row) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, element("bdi", { textContent: row.name })),
        ...["before", "masked", "reencoded"].map((answer) =>
          element("td", { className: answer }, ...number(row[answer])),
        ),
      ),
    );
    const head = ["query token", "in the whole document", "masked", "encoded again"].map((textContent) =>
      element("th", { scope: "col", textContent }),
    );
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows));
    const scroll = element("div", { className: "ce-scroll", tabIndex: 0 }, table);
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", "Query tokens that change");
    answers.append(
      element("p", { className: "ce-sentence", dir: "ltr" }, ...emphasised(found.sentence_parts)),
      cards,
      ...(rows.length ? [scroll] : []),
      element("p", {
        className: "ce-quiet",
        textContent: found.unchanged
          ? `${found.unchanged} scored query token${found.unchanged === 1 ? " keeps its" : "s keep their"} contribution.`
          : "",
      }),
    );
  }

  const show = {
    units: write,
    struck: mark,
    answer,
    can_reencode: answer,
    n_undo: () => (undo.disabled = reset.disabled = !model.get("n_undo")),
    busy: () => {
      progress.hidden = cancel.hidden = !model.get("busy");
      reencode.hidden = model.get("busy");
      if (!model.get("busy")) progress.removeAttribute("value");
    },
    progress: () => {
      const share = model.get("progress");
      if (share === null) progress.removeAttribute("value");
      else progress.value = share;
    },
    status: () => (status.textContent = model.get("status") === "Done." ? "" : model.get("status")),
    problem: () => (problem.textContent = model.get("problem")),
  };
  for (const [name, act] of Object.entries(show)) {
    act();
    model.on(`change:${name}`, act);
  }
  return () => {
    document.removeEventListener("selectionchange", follow);
    for (const [name, act] of Object.entries(show)) model.off(`change:${name}`, act);
  };
}

export default { render: withPython(render) };
