// The controls above the picture: what rows and columns are, their order, and the zoom.
import { button, counted, element, freshId } from "../web/dom.js";

const LEVELS = [
  ["word", "Words"],
  ["token", "Tokens"],
];
const ORDERS = [
  ["text", "As written"],
  ["contribution", "By contribution"],
];

/** Make the toolbar. `onOptions(options)` is called with what the reader chooses, `onZoom("in" | "out" | "reset")`.
 *
 * `start` is an empty place at its beginning, for what chooses between pictures. */
export function toolbar({ onOptions, onZoom }) {
  let options = {};
  const change = (name) => (value) => onOptions({ ...options, [name]: value });
  const level = segments("Rows and columns", LEVELS, change("level"));
  const order = segments("Order of rows", ORDERS, change("order"));
  const unscored = element("input", { type: "checkbox" });
  unscored.addEventListener("change", () => change("unscored")(unscored.checked));
  const hidden = element("span", { className: "ce-heatmap-hidden ce-muted" });
  const keys = element("span", {
    className: "ce-heatmap-keys ce-muted",
    id: freshId("keys"),
    textContent: "← → ↑ ↓ move · N next match · Enter pin · Esc unpin",
  });
  const [out, closer, reset] = [
    ["−", "Zoom out", "out"],
    ["+", "Zoom in", "in"],
    ["Reset", "Reset the zoom", "reset"],
  ].map(([text, title, what]) =>
    button(text, () => onZoom(what), "", { title, ...(text.length === 1 && { ariaLabel: title }) }),
  );
  const zoom = element(
    "span",
    { className: "ce-heatmap-zoom", role: "group", "aria-label": "Zoom" },
    out,
    closer,
    reset,
  );
  const start = element("span", { className: "ce-heatmap-start" });
  const choice = element("label", { className: "ce-heatmap-unscored" }, unscored, " Show unscored", hidden);
  const node = element(
    "div",
    { className: "ce-heatmap-toolbar", role: "group", "aria-label": "Picture" },
    start,
    level.node,
    order.node,
    choice,
    keys,
    zoom,
  );

  return {
    node,
    start,
    keysId: keys.id,
    /** Show what is chosen, and how many rows and columns are `left` out. */
    show(chosen, left) {
      options = chosen;
      level.choose(chosen.level);
      order.choose(chosen.order);
      unscored.checked = chosen.unscored;
      const counts = [
        ["row", left.rows],
        ["column", left.columns],
      ].filter(([, n]) => n);
      hidden.textContent = counts.map(([name, n]) => counted(n, name)).join(", ");
      hidden.append(counts.length ? " hidden: not scored" : "");
      choice.title = hidden.textContent; // where there is no room for it
    },
    /** Show which zooms are possible. */
    showZoom({ closer: canCloser, out: canOut, reset: canReset }) {
      zoom.hidden = !canCloser && !canOut;
      closer.disabled = !canCloser;
      out.disabled = !canOut;
      reset.disabled = !canReset;
    },
  };
}

/** Make a few choices side by side, of which one is chosen. */
function segments(name, choices, onChoose) {
  const group = freshId("segments");
  const inputs = choices.map(([value]) => element("input", { type: "radio", name: group, value }));
  const labels = choices.map(([, text], k) => element("label", {}, inputs[k], element("span", { textContent: text })));
  for (const input of inputs) input.addEventListener("change", () => onChoose(input.value));
  return {
    node: element("span", { className: "ce-heatmap-segments", role: "radiogroup", "aria-label": name }, ...labels),
    choose(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}
