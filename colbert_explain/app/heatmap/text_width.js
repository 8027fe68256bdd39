// How wide a text is, measured without putting it on the page.

let pen;
const known = new Map();

/** Measure a text in pixels; `font` as in CSS. */
export function textWidth(text, font) {
  const key = `${font}|${text}`;
  if (!known.has(key)) {
    pen ??= document.createElement("canvas").getContext("2d");
    pen.font = font;
    if (known.size > 20_000) known.clear();
    known.set(key, pen.measureText(text).width);
  }
  return known.get(key);
}

/** Shorten a text at its end until it is no wider than `most` pixels. */
export function fittingText(text, font, most) {
  const letters = Array.from(text.slice(0, 200));
  if (letters.length === text.length && textWidth(text, font) <= most) return text;
  if (textWidth(letters.join(""), font) <= most && text.length <= 200) return text;
  let low = 1,
    high = letters.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (textWidth(`${letters.slice(0, middle).join("")}…`, font) <= most) low = middle;
    else high = middle - 1;
  }
  return `${letters.slice(0, low).join("")}…`;
}
