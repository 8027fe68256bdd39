// A contrast of two documents. Texts are only ever set as textContent, never as markup.

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

const signed = (value) =>
  Math.abs(value) < 0.0005 ? "±0.000" : (value < 0 ? "−" : "+") + Math.abs(value).toFixed(3);

const emphasised = (parts) =>
  parts.map(([text, isEmphasised]) => (isEmphasised ? element("bdi", {}, element("em", { textContent: text })) : text));

// A name is kept in its place, whatever its direction.
const named = (name) => element("bdi", { textContent: name });

let tables = 0;

function render({ model, el }) {
  const id = `ce-contrast-${++tables}`;
  const selects = ["first", "second"].map((name) => element("select", { id: `${id}-${name}` }));
  const order = element("input", { type: "checkbox", id: `${id}-order` });
  order.dataset.alone = ""; // sorts what is there
  const choice = element(
    "div",
    { className: "ce-choices" },
    element("label", { htmlFor: `${id}-first`, textContent: "Why" }),
    selects[0],
    element("label", { htmlFor: `${id}-second`, textContent: "over" }),
    selects[1],
  );
  const sentence = element("p", { className: "ce-sentence", dir: "ltr" });
  const head = element("tr");
  const body = element("tbody");
  const foot = element("tfoot");
  const scroll = element(
    "div",
    { className: "ce-scroll", tabIndex: 0 },
    element("table", {}, element("thead", {}, head), body, foot),
  );
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Contrast by query token");
  const root = element(
    "div",
    { className: "ce-contrast" },
    choice,
    sentence,
    element("label", { className: "ce-order" }, order, " largest difference first"),
    scroll,
  );
  el.append(root);

  function fill() {
    const names = model.get("choices");
    choice.hidden = !names.length;
    selects.forEach((select, side) => {
      select.replaceChildren(
        ...names.map((name, place) =>
          element("option", { value: String(place), textContent: `${place + 1}. \u2068${name}\u2069` }),
        ),
      );
      select.value = String(model.get("chosen")[side] ?? "");
    });
  }

  function row(entry, scale) {
    const fill = element("span", { className: entry.difference < 0 ? "ce-fill ce-second" : "ce-fill" });
    const width = (50 * Math.abs(entry.difference)) / scale;
    fill.style.width = `${width}%`;
    fill.style.left = entry.difference < 0 ? `${50 - width}%` : "50%";
    const side = (one) =>
      element(
        "td",
        {},
        element("bdi", { textContent: one.match }),
        element("span", { className: "ce-quiet", textContent: ` ${one.value.toFixed(3)}` }),
      );
    return element(
      "tr",
      {},
      element("th", { scope: "row" }, element("bdi", { textContent: entry.name })),
      side(entry.first),
      side(entry.second),
      element("td", { className: "ce-number" }, element("b", { textContent: signed(entry.difference) })),
      element("td", { className: "ce-meter-cell" }, element("span", { className: "ce-meter", ariaHidden: "true" }, fill)),
    );
  }

  function update() {
    const contrast = model.get("contrast");
    root.hidden = !contrast.rows;
    if (!contrast.rows) return;
    const [one, other] = contrast.names.map((name) => (name.length > 28 ? `${name.slice(0, 27)}…` : name));
    sentence.replaceChildren(...emphasised(contrast.sentence_parts));
    head.replaceChildren(
      ...[
        ["", "query token"],
        ["", "best match in ", named(one)],
        ["", "best match in ", named(other)],
        ["ce-number", "difference"],
        ["ce-middle", "◂ for ", named(other), " | for ", named(one), " ▸"],
      ].map(([className, ...texts]) => element("th", { scope: "col", className }, ...texts)),
    );
    const rows = [...contrast.rows];
    if (order.checked) rows.sort((a, b) => a.place - b.place);
    body.replaceChildren(...rows.map((entry) => row(entry, contrast.scale)));
    foot.replaceChildren(
      element(
        "tr",
        {},
        element("th", { scope: "row", textContent: "sum" }),
        element("td", {}, element("b", { textContent: contrast.scores[0].toFixed(3) })),
        element("td", {}, element("b", { textContent: contrast.scores[1].toFixed(3) })),
        element("td", { className: "ce-number" }, element("b", { textContent: signed(contrast.difference) })),
        element("td"),
      ),
    );
  }

  for (const select of selects) {
    select.addEventListener("change", () => {
      const [first, second] = selects.map((s) => Number(s.value));
      model.send({ event: "choose", first, second });
    });
  }
  order.addEventListener("change", update);
  root.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab's commands

  const show = { choices: fill, chosen: fill, contrast: update };
  for (const [name, act] of Object.entries(show)) {
    act();
    model.on(`change:${name}`, act);
  }
  return () => {
    for (const [name, act] of Object.entries(show)) model.off(`change:${name}`, act);
  };
}

export default { render: withPython(render) };
