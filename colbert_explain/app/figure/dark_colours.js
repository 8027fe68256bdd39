// A figure in the light theme, in the colours of the dark one.

/** Copy a figure, or a part of it, with dark colours in it.
 *
 * `colours` is what `dark_counterparts()` in views/theme.py returns. A user's own colours stay. */
export function darkened(value, colours, key = "", within = {}) {
  if (typeof value === "string") {
    if (within.scale) return colours.scale[value] ?? value;
    if (within.halo && key === "color") return colours.only.halo;
    if (within.hover && key === "bgcolor") return colours.only.raised;
    // In a label the colour stands in the markup.
    const inMarkup = /(?<=<span style="[^"]*color:)#[0-9a-f]{6}/g;
    return colours.elsewhere[value] ?? value.replace(inMarkup, (colour) => colours.elsewhere[colour] ?? colour);
  }
  if (value === null || typeof value !== "object" || key === "template") return value;
  const inside = {
    scale: within.scale || key === "colorscale",
    halo: within.halo || value.name === "halo",
    hover: within.hover || key === "hoverlabel",
  };
  if (Array.isArray(value)) return value.map((item) => darkened(item, colours, key, inside));
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([name, item]) => [name, darkened(item, colours, name, inside)]));
}
