// The button that names the model in use, and behind it the choice of another one. Python decides what may load.

import { bind, element, labelled, option, button, freshId, keepKeys } from "../web/dom.js";
import { popover } from "../web/popover.js";

/** Make the menu of models; `node` belongs into the header. */
export function modelMenu({ model }) {
  const id = freshId("model");
  const select = element("select", { id: `${id}-select` });
  const layers = element("select", { id: `${id}-layers` });
  const name = element("input", { id: `${id}-name`, type: "text", spellcheck: false, autocomplete: "off" });
  const load = button("Load", chooseNamed);
  const stop = button("Stop loading", () => {
    model.send({ event: "model_cancel" });
    select.focus(); // the button goes away
  });
  const status = element("span", { className: "ce-model-status ce-muted", role: "status" });
  const problem = element("p", { className: "ce-problem", role: "alert" });
  const warnings = element("ul", { className: "ce-model-warnings", "aria-label": "Warnings about this model" });
  const sent = element("p", { className: "ce-model-sent" });
  const body = element("tbody");
  const heads = ["Setting", "Value", "From"].map((textContent) => element("th", { scope: "col", textContent }));
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body);
  const reach = element("p", { className: "ce-muted" });
  const rule = element("p", { className: "ce-muted" });
  const about = element("details", {}, element("summary", { textContent: "Details of this model" }), table, reach);

  const layerField = labelled("Layers", layers, "ce-model-field");
  const nameField = labelled("", name, "ce-model-field");
  nameField.append(load);
  const menu = popover(
    "Model",
    element(
      "div",
      { className: "ce-model-menu" },
      element("div", { className: "ce-model-row" }, labelled("Model", select, "ce-model-field"), layerField),
      nameField,
      element("div", { className: "ce-model-row" }, status, stop),
      problem,
      warnings,
      sent,
      rule,
      about,
    ),
  );
  menu.opener.classList.add("ce-model-button");
  const place = element("span", { className: "ce-model-notice", role: "status" });
  const node = element("div", { className: "ce-model" }, menu.node, place);

  const models = () => model.get("models");
  const written = (numbers, index) =>
    numbers.join(" + ") + (index === 0 ? " (default)" : numbers[0] === 0 ? " (word embeddings)" : "");

  function fill() {
    const { choices, layer_choices: offered, loading } = models();
    if (!choices) return;
    const wanted = [select.value, layers.value];
    const groups = Array.from(
      Map.groupBy(choices, ({ group }) => group),
      ([label, all]) => element("optgroup", { label }, ...all.map((one) => option(one.key, one.label))),
    );
    select.replaceChildren(...groups);
    layers.replaceChildren(...offered.map((numbers, i) => option(numbers.join(" "), written(numbers, i))));
    [select.value, layers.value] = loading ? wanted : [models().chosen, models().layers.join(" ")];
    showLayers();
  }

  function chosen() {
    return models().choices.find((known) => known.key === models().chosen);
  }

  function showLayers() {
    layerField.hidden = !models().choices.find((known) => known.key === select.value)?.has_layers;
  }

  function show() {
    const now = models();
    if (!now.choices) return;
    fill();
    const { label, has_layers: hasLayers } = chosen();
    menu.setLabel(hasLayers ? `${label} · layers ${now.layers.join(" + ")}` : label);
    nameField.hidden = !now.field;
    nameField.querySelector("label").textContent = now.field;
    stop.hidden = !now.loading;
    status.textContent = now.status;
    problem.textContent = now.problem;
    rule.textContent = now.rule;
    rule.hidden = !now.rule;
    place.textContent = now.loading ? now.status : now.problem;
    const found = now.description;
    about.hidden = !found.name;
    warnings.replaceChildren(...(found.warnings ?? []).map((textContent) => element("li", { textContent })));
    menu.opener.classList.toggle("ce-model-warned", !!found.warnings?.length);
    sent.textContent = found.sent_to ? `Texts are sent to ${found.sent_to}.` : "";
    sent.hidden = !found.sent_to;
    if (found.sent_to && !place.textContent) place.textContent = sent.textContent;
    const rows = found.rows ?? [];
    body.replaceChildren(
      ...rows.map(([setting, ...rest]) =>
        element(
          "tr",
          {},
          element("th", { scope: "row", textContent: setting }),
          ...rest.map((textContent) => element("td", { textContent })),
        ),
      ),
    );
    table.hidden = rows.length === 0;
    reach.textContent = rows.length ? found.reach : "Examining the model …";
    if (about.open) describe();
  }

  function describe() {
    if (models().description.rows?.length === 0) model.send({ event: "model_describe" });
  }

  function choose() {
    showLayers();
    problem.textContent = "";
    model.send({ event: "model_choose", key: select.value, layers: layers.value.split(" ").map(Number) });
  }

  function chooseNamed() {
    problem.textContent = "";
    model.send({ event: "model_name", name: name.value });
  }

  select.addEventListener("change", choose);
  layers.addEventListener("change", choose);
  about.addEventListener("toggle", () => about.open && describe());
  name.addEventListener("keydown", (event) => event.key === "Enter" && chooseNamed());
  keepKeys(node);
  const destroy = bind(model, { models: show });
  return { node, destroy };
}
