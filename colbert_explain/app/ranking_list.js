// The documents of a ranking. Texts are only ever set as textContent, never as markup.

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

const percent = (part) => `${Math.round(100 * part)} %`;
let lists = 0;

function render({ model, el }) {
  const id = `ce-ranking-${++lists}`;
  const body = element("tbody");
  const head = element("tr");
  for (const [name, number] of [
    ["rank", true],
    ["document", false],
    ["score", true],
    ["of the best", false],
    ["per query token", true],
    ["one vector per text", true],
  ]) {
    head.append(element("th", { scope: "col", textContent: name, className: number ? "ce-number" : "" }));
  }
  const table = element("table", {}, element("thead", {}, head), body);
  const scroll = element("div", { className: "ce-scroll", tabIndex: 0 }, table);
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-labelledby", id);
  const status = element("span", { className: "ce-quiet" });
  status.setAttribute("role", "status");
  const cancel = element("button", { type: "button", textContent: "Cancel" });
  const problem = element("p", { className: "ce-problem" });
  problem.setAttribute("role", "alert");
  const leftOut = element("p", { className: "ce-quiet ce-left-out", dir: "ltr" });
  const root = element(
    "section",
    { className: "ce-ranking" },
    element("h3", { id, textContent: "Ranking" }),
    element("p", {
      className: "ce-quiet",
      textContent:
        "Choose a document to see its explanation below. “One vector per text” is the cosine of the averaged " +
        "vectors, which is what a model with one vector per text compares.",
    }),
    scroll,
    leftOut,
    element("div", { className: "ce-actions" }, cancel, status),
    problem,
  );
  root.setAttribute("aria-labelledby", id);
  el.append(root);

  function row(entry) {
    const choose = () => model.send({ event: "choose", position: entry.position });
    const button = element("button", { type: "button", dir: "auto", textContent: entry.name || "(no name)" });
    const fill = element("span", { className: "ce-fill" });
    fill.style.width = `${100 * Math.max(0, entry.of_best ?? 0)}%`;
    const bar = element("span", { className: "ce-meter", ariaHidden: "true" }, fill);
    const number = (text) => element("td", { className: "ce-number", textContent: text });
    const node = element(
      "tr",
      {},
      number(`${entry.rank}.`),
      element("th", { scope: "row" }, button),
      element("td", { className: "ce-number" }, element("b", { textContent: entry.score.toFixed(3) })),
      element(
        "td",
        { className: "ce-share" },
        element("span", {}, bar, element("span", { textContent: entry.of_best === null ? "" : percent(entry.of_best) })),
      ),
      number(entry.mean.toFixed(3)),
      number(entry.pooled.toFixed(3)),
    );
    node.dataset.position = entry.position;
    node.addEventListener("click", choose);
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      choose();
    });
    return node;
  }

  function update() {
    const rows = model.get("rows");
    root.hidden = !rows.length;
    body.replaceChildren(...rows.map(row));
    mark();
  }

  function mark() {
    for (const node of body.rows) {
      const chosen = Number(node.dataset.position) === model.get("chosen");
      node.classList.toggle("ce-chosen", chosen);
      node.querySelector("button").setAttribute("aria-pressed", String(chosen));
    }
  }

  scroll.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab would take it for a command
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = [...body.querySelectorAll("button")];
    const here = buttons.indexOf(document.activeElement);
    if (step === undefined || here < 0 || !buttons[here + step]) return;
    buttons[here + step].focus();
    event.preventDefault();
  });
  cancel.addEventListener("click", () => model.send({ event: "cancel" }));

  const show = {
    rows: update,
    left_out: () => {
      leftOut.textContent = model.get("left_out");
      leftOut.hidden = !leftOut.textContent;
    },
    chosen: mark,
    busy: () => (cancel.parentNode.hidden = !model.get("busy")),
    status: () => (status.textContent = model.get("status")),
    problem: () => (problem.textContent = model.get("problem")),
  };
  for (const [name, act] of Object.entries(show)) {
    act();
    model.on(`change:${name}`, act);
  }
  return () => {
    for (const [name, act] of Object.entries(show)) model.off(`change:${name}`, act);
  };
}

export default { render: withPython(render) };
