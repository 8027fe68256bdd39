// What the colours and signs of the picture mean, beneath it.
import { element } from "../web/dom.js";

/** Make the legend. */
export function legend() {
  const bar = element("span", { className: "ce-legend-bar" });
  const [low, high] = [element("span"), element("span")];
  const signs = element("span", { className: "ce-legend-signs" });
  const scale = element(
    "span",
    { className: "ce-legend-scale" },
    low,
    bar,
    high,
    element("span", { textContent: "cosine similarity" }),
  );
  const node = element("div", { className: "ce-legend ce-muted" }, scale, signs);
  const pin = sign("pinned", "pinned");

  let trace = null; // the trace whose colours are shown
  let begins = null; // where they begin
  let seenFrom = null; // from which similarity down the colours below 0 are seen

  return {
    node,
    /** Explain a figure over a grid; with `bars` also what each row adds. */
    show({ data, seen_from }, { unit, rows, columns }, bars) {
      trace = data.find(({ type }) => type === "heatmap");
      begins = null;
      seenFrom = seen_from;
      const ofToken = unit === "word" && rows.some(({ pieces }) => pieces > 1);
      signs.replaceChildren(
        sign("frame", ofToken ? "best match (the word's strongest token)" : "best match"),
        ...(rows.some(({ firm }) => firm === "tie") ? [sign("tie", "tie")] : []),
        ...(bars ? [sign("tick", "runner-up in another word")] : []),
        ...([...rows, ...columns].every(({ scored }) => scored) ? [] : [veiled(data)]),
      );
    },
    /** Say how a pinned pair is outlined, or nothing. */
    sayPinned: (isSaid) => (isSaid ? signs.append(pin) : pin.remove()),
    /** Show the colours of what is in view, whose least similarity is `least`: none below 0 that can't be seen. */
    cover(least) {
      const { zmin, zmax, colorscale } = trace;
      const from = least <= seenFrom ? zmin : Math.max(zmin, 0);
      if (from === begins) return;
      begins = from;
      low.textContent = String(from).replace("-", "−");
      high.textContent = zmax;
      // From the place of `from` in the scale to its end.
      const start = (from - zmin) / (zmax - zmin);
      const stops = colorscale.map(([at, colour]) => `${colour} ${(100 * (at - start)) / (1 - start)}%`);
      bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    },
  };
}

/** The darkest colour beneath the veil that lies over what is not scored. */
function veiled(data) {
  const { fillcolor } = data.find(({ name }) => name === "not scored");
  const [, darkest] = data.find(({ type }) => type === "heatmap").colorscale.at(-1);
  const node = sign("veiled", "not scored");
  node.firstChild.style.background = `linear-gradient(${fillcolor}, ${fillcolor}), ${darkest}`;
  return node;
}

function sign(kind, text) {
  return element("span", {}, element("span", { className: `ce-legend-${kind}`, ariaHidden: "true" }), ` ${text}`);
}
