// The choices above the heatmap, as native radio buttons: arrow keys and screen readers know them.

const GROUPS = {
  level: ["Show", { token: "tokens", word: "words" }],
  rows: ["Rows", { all: "all", text: "text", scored: "scored" }],
  sort: ["Order", { text: "as written", contribution: "by contribution" }],
};

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

let rows = 0;

function render({ model, el }) {
  const id = `ce-controls-${++rows}`;
  const problem = element("span", { className: "ce-refusal" });
  problem.setAttribute("role", "alert");
  const hidden = element("span", { className: "ce-hidden-rows" });
  hidden.setAttribute("role", "status");
  const row = element("div", { className: "ce-controls" });
  const updates = [];
  for (const [name, [legend, choices]] of Object.entries(GROUPS)) {
    const buttons = Object.entries(choices).map(([value, text]) => {
      const input = element("input", { type: "radio", name: `${id}-${name}`, value });
      input.addEventListener("change", () => {
        model.set(name, value);
        model.save_changes();
      });
      input.addEventListener("keydown", (event) => event.stopPropagation()); // JupyterLab's commands
      return [input, element("label", {}, input, element("span", { textContent: text }))];
    });
    const label = element("span", { className: "ce-legend", id: `${id}-${name}`, textContent: legend });
    const choice = element("div", { className: "ce-choice" }, ...buttons.map(([, node]) => node));
    const group = element("div", { className: "ce-group" }, label, choice);
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-labelledby", label.id);
    row.append(group);
    updates.push([
      `change:${name}`,
      () => buttons.forEach(([input]) => (input.checked = input.value === model.get(name))),
    ]);
  }
  updates.push(["change:hidden", () => (hidden.textContent = model.get("hidden"))]);
  updates.push(["change:problem", () => (problem.textContent = model.get("problem"))]);
  for (const [event, update] of updates) {
    update();
    model.on(event, update);
  }
  row.append(hidden, problem);
  el.append(row);
  return () => updates.forEach(([event, update]) => model.off(event, update));
}

export default { render: withPython(render) };
