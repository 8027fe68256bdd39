// A button for work that takes a while, with what it works on beside it. What it makes stands below, in another widget.

import { bind, element, keepKeys, labelled, option } from "../web/dom.js";
import { withPython } from "../web/python_link.js";

function render({ model, el }) {
  const options = model.get("options");
  const text = model.get("text");
  const chosen = options.length
    ? element("select", {}, ...options.map((name) => option(name, name)))
    : element("input", { type: "text", value: text, maxLength: 500, autocomplete: "off" });
  const run = element("button", { type: "submit", className: "ce-primary", textContent: model.get("label") });
  const bar = element("progress", { max: 1, "aria-label": "Progress" });
  const status = element("span", { className: "ce-muted", role: "status" });
  const problem = element("p", { className: "ce-problem", role: "alert" });
  const named = model.get("of");
  const form = element(
    "form",
    { className: "ce-part ce-run" },
    ...(options.length || text ? [labelled(named, chosen, "ce-run-field")] : []),
    run,
    bar,
    status,
    problem,
  );
  el.append(form);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!model.get("busy")) model.send({ event: "run", chosen: chosen.value });
  });
  keepKeys(form);

  function show() {
    const busy = model.get("busy");
    const share = model.get("progress");
    run.disabled = busy;
    bar.hidden = !busy || share === null;
    bar.value = share ?? 0;
    status.textContent = busy ? model.get("status") : "";
    problem.textContent = model.get("problem");
  }
  return bind(model, { "busy status progress problem": show });
}

export default { render: withPython(render, "button") };
