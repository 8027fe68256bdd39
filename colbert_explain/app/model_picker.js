// The row in which a model is chosen. Texts are only ever set as textContent, never as markup.

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

let pickers = 0;

function render({ model, el }) {
  const id = `ce-model-${++pickers}`;
  const select = element("select", { id: `${id}-model` });
  const layers = element("select", { id: `${id}-layers` });
  const name = element("input", { id: `${id}-name`, type: "text", spellcheck: false, autocomplete: "off" });
  const load = element("button", { type: "button", textContent: "Load" });
  const stop = element("button", { type: "button", textContent: "Stop loading" });
  const status = element("span", { className: "ce-model-status" });
  status.setAttribute("role", "status");
  const note = element("span", { className: "ce-model-note" });
  const problem = element("p", { className: "ce-model-problem" });
  problem.setAttribute("role", "alert");
  const warnings = element("ul", { className: "ce-model-warnings" });
  warnings.setAttribute("aria-label", "Warnings about this model");
  const summary = element("summary");
  const body = element("tbody");
  const heads = ["Setting", "Value", "From"].map((textContent) => element("th", { scope: "col", textContent }));
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body);
  const reach = element("p");
  const rule = element("p");
  const about = element("details", {}, summary, table, reach, rule);

  const label = (text, control) => element("label", { htmlFor: control.id, textContent: text });
  const field = (text, control) => element("div", { className: "ce-pick" }, label(text, control), control);
  const layerField = field("Layers", layers);
  const nameField = field("", name);
  nameField.append(load);
  el.append(
    element(
      "div",
      { className: "ce-model" },
      element(
        "div",
        { className: "ce-model-row" },
        field("Model", select),
        layerField,
        nameField,
        stop,
        element("span", { className: "ce-model-state" }, status, " ", note),
      ),
      problem,
      warnings,
      about,
    ),
  );

  const option = (value, text) => element("option", { value, textContent: text });
  const written = (numbers, index) =>
    numbers.join(" + ") + (index === 0 ? " (default)" : numbers[0] === 0 ? " (word embeddings)" : "");

  function showChoices() {
    const groups = new Map();
    for (const choice of model.get("choices")) {
      if (!groups.has(choice.group)) groups.set(choice.group, element("optgroup", { label: choice.group }));
      groups.get(choice.group).append(option(choice.key, choice.label));
    }
    const wanted = select.value;
    select.replaceChildren(...groups.values());
    if (model.get("loading")) select.value = wanted;
    else showChosen();
  }

  function showChosen() {
    select.value = model.get("chosen");
    layers.value = model.get("layers").join(" ");
    showLayers();
  }

  function showLayers() {
    const choice = model.get("choices").find((known) => known.key === select.value);
    layerField.hidden = !choice?.has_layers;
  }

  function showDescription() {
    const found = model.get("description");
    about.hidden = !found.name;
    if (!found.name) return;
    summary.textContent = `About ${found.name}` + (found.kind ? `: ${found.kind}` : "");
    warnings.replaceChildren(...found.warnings.map((textContent) => element("li", { textContent })));
    const rows = found.rows.map(([setting, ...rest]) =>
      element(
        "tr",
        {},
        element("th", { scope: "row", textContent: setting }),
        ...rest.map((textContent) => element("td", { textContent })),
      ),
    );
    body.replaceChildren(...rows);
    table.hidden = rows.length === 0;
    reach.textContent = rows.length ? found.reach : "Examining the model …";
    if (about.open) describe();
  }

  function describe() {
    if (model.get("description").rows?.length === 0) model.send({ event: "describe" });
  }

  const show = {
    choices: showChoices,
    chosen: showChosen,
    layers: showChosen,
    layer_choices: () => {
      const offered = model.get("layer_choices");
      layers.replaceChildren(...offered.map((numbers, i) => option(numbers.join(" "), written(numbers, i))));
    },
    field: () => {
      nameField.hidden = !model.get("field");
      nameField.querySelector("label").textContent = model.get("field");
    },
    loading: () => {
      stop.hidden = !model.get("loading");
      if (!model.get("loading")) showChosen();
    },
    status: () => (status.textContent = model.get("status")),
    note: () => (note.textContent = model.get("note")),
    problem: () => {
      problem.textContent = model.get("problem");
      if (model.get("problem")) showChosen();
    },
    description: showDescription,
    rule: () => {
      rule.textContent = model.get("rule");
      rule.hidden = !model.get("rule");
    },
  };
  model.get("layer_choices").length && show.layer_choices();
  for (const [trait, update] of Object.entries(show)) {
    update();
    model.on(`change:${trait}`, update);
  }

  function choose() {
    showLayers();
    problem.textContent = "";
    model.send({ event: "choose", key: select.value, layers: layers.value.split(" ").map(Number) });
  }
  function chooseNamed() {
    problem.textContent = "";
    model.send({ event: "name", name: name.value });
  }
  select.addEventListener("change", choose);
  layers.addEventListener("change", choose);
  load.addEventListener("click", chooseNamed);
  stop.addEventListener("click", () => {
    model.send({ event: "cancel" });
    select.focus(); // the button goes away
  });
  about.addEventListener("toggle", () => about.open && describe());
  el.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab's commands
    if (event.key === "Enter" && event.target === name) chooseNamed();
  });

  return () => {
    for (const [trait, update] of Object.entries(show)) model.off(`change:${trait}`, update);
  };
}

export default { render: withPython(render) };
