// How the collection is searched: the first stage, filters on metadata, and a second ranking beside the hits.
import { bind, button, element, freshId, labelled, option } from "../web/dom.js";
import { popover } from "../web/popover.js";
import { firstStages, secondKinds } from "../collections/second_kinds.js";

const BESIDE = ["saved", "server"]; // kinds of collections that can stand beside the open one
const OTHER = "collection:"; // begins the value of another collection

/** Make the controls. `onChange()` is called when one of them has changed; `chosen()` returns what they say. */
export function searchOptions({ model, onChange }) {
  const stage = element("select", {});
  const second = element("select", {});
  const place = element("div", { className: "ce-search-options-fields" });
  const clear = button(
    "Remove all filters",
    () => {
      filters = {};
      drawFields();
      onChange();
    },
    "ce-quiet",
  );
  const filterMenu = popover("Filters", element("div", { className: "ce-search-options-filters" }, place, clear));
  const note = element("span", { className: "ce-search-options-note ce-muted", role: "status" });
  const node = element(
    "div",
    { className: "ce-search-options" },
    labelled("First stage", stage),
    filterMenu.node,
    labelled("Compare with", second),
    note,
  );
  let filters = {}; // name of a field to { values } or { min, max }
  let isUnasked = false; // whether a range was typed that nothing was searched with
  let key = null; // of the collection that they belong to

  const optionsOf = (choices) => choices.map(([value, text]) => option(value, text));
  stage.append(...optionsOf(firstStages(null)));

  const fields = () => model.get("collection").open?.fields ?? [];

  function takeCollection() {
    const { open } = model.get("collection");
    if (!open || open.key === key) return;
    key = open.key;
    filters = {};
    stage.replaceChildren(...optionsOf(firstStages(open)));
    stage.value = "";
    fillSecond();
    second.value = "";
    drawFields();
  }

  /** Offer what differs from the search that is chosen. */
  function fillSecond() {
    const { open } = model.get("collection");
    if (!open) return;
    const before = second.value;
    const others = (model.get("sources").choices ?? []).filter(
      ({ kind, key: other }) => BESIDE.includes(kind) && other !== open.key,
    );
    second.replaceChildren(
      ...optionsOf(secondKinds(open, stage.value)),
      ...(others.length
        ? [
            element(
              "optgroup",
              { label: "Another collection" },
              ...others.map((one) => option(`${OTHER}${one.key}`, one.label)),
            ),
          ]
        : []),
    );
    second.value = before;
    if (second.selectedIndex < 0) second.value = "";
  }

  function drawFields() {
    filterMenu.opener.disabled = !fields().length;
    filterMenu.opener.title = fields().length
      ? "Search only documents whose metadata match"
      : "The documents have no metadata to filter by";
    place.replaceChildren(...fields().map((field) => (field.values.length ? menuOf(field) : rangeOf(field))));
    showLabel();
  }

  function menuOf({ name, values }) {
    const chosen = new Set(filters[name]?.values ?? []);
    const boxes = values.map(({ label, count }, index) => {
      const box = element("input", { type: "checkbox", checked: chosen.has(index) });
      box.addEventListener("change", () => {
        if (box.checked) chosen.add(index);
        else chosen.delete(index);
        set(name, chosen.size ? { values: [...chosen].sort((a, b) => a - b) } : null);
      });
      const text = element("span", { dir: "auto", textContent: label });
      return element("label", {}, box, text, element("span", { className: "ce-muted", textContent: String(count) }));
    });
    return element("fieldset", {}, element("legend", { textContent: name }), ...boxes);
  }

  function rangeOf({ name, low, high, whole }) {
    const ends = ["min", "max"].map((end) => {
      const field = element("input", {
        type: "number",
        step: whole ? 1 : "any",
        placeholder: end === "min" ? low : high,
        id: freshId("range"),
      });
      field.value = filters[name]?.[end] ?? "";
      field.ariaLabel = `${name}, ${end === "min" ? "at least" : "at most"}`;
      // What is typed counts for the next search at once: not every browser lets a pressed button take the focus.
      field.addEventListener("input", () => {
        const number = field.value === "" ? null : Number(field.value);
        const next = { ...filters[name], [end]: number };
        put(name, (next.min ?? null) === null && (next.max ?? null) === null ? null : next);
        isUnasked = true;
      });
      for (const event of ["change", "blur"]) field.addEventListener(event, () => isUnasked && onChange());
      return field;
    });
    return element(
      "fieldset",
      { className: "ce-search-options-range" },
      element("legend", { textContent: name }),
      ends[0],
      "to",
      ends[1],
    );
  }

  function put(name, wish) {
    if (wish) filters[name] = wish;
    else delete filters[name];
    showLabel();
  }

  function set(name, wish) {
    put(name, wish);
    onChange();
  }

  /** Say on the button what is filtered. */
  function showLabel() {
    const said = fields()
      .filter(({ name }) => filters[name])
      .map((field) => {
        const { values: places, min, max } = filters[field.name];
        if (places) return places.map((index) => field.values[index].label).join(" or ");
        return `${field.name} ${min ?? field.low}–${max ?? field.high}`;
      });
    filterMenu.setLabel(said.length ? `Filter: ${said.join("; ")}` : "Filters");
    filterMenu.opener.classList.toggle("ce-search-options-on", said.length > 0);
    clear.hidden = !said.length;
  }

  stage.addEventListener("change", () => {
    fillSecond();
    onChange();
  });
  second.addEventListener("change", onChange);
  const unbind = bind(model, {
    collection: takeCollection,
    sources: fillSecond,
    hits: () => (note.textContent = model.get("hits").note ?? ""),
  });

  return {
    node,
    chosen() {
      isUnasked = false;
      const isOther = second.value.startsWith(OTHER);
      return {
        first_stage: stage.value || null,
        second: isOther ? null : second.value || null,
        beside: isOther ? second.value.slice(OTHER.length) : null,
        where: filters,
      };
    },
    destroy: unbind,
  };
}
