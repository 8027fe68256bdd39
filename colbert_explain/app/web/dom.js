// What page parts are made of. Texts are only ever set as values or textContent, never as markup.

/** Make an element. A property whose name has a hyphen, and `role`, is set as an attribute. */
export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  setProperties(node, properties);
  node.append(...children);
  return node;
}

/** Make an SVG element; every property is an attribute. */
export function svgElement(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function setProperties(node, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name === "role" || name.includes("-")) node.setAttribute(name, value);
    else if (name === "dataset") Object.assign(node.dataset, value);
    else node[name] = value;
  }
}

export function button(text, onClick, className = "", properties = {}) {
  const node = element("button", { type: "button", textContent: text, className, ...properties });
  node.addEventListener("click", onClick);
  return node;
}

export function option(value, text) {
  return element("option", { value, textContent: text });
}

let ids = 0;

/** Return an id that no other element of the page has. */
export function freshId(name) {
  return `ce-${name}-${++ids}-${Math.random().toString(36).slice(2, 7)}`;
}

/** Put a label before a control. */
export function labelled(text, control, className = "ce-field") {
  control.id ||= freshId("field");
  return element("div", { className }, element("label", { htmlFor: control.id, textContent: text }), control);
}

/** Write parts, each a text and whether it is emphasised. */
export function emphasised(parts) {
  return parts.map(([text, strong]) => (strong ? element("strong", { textContent: text }) : text));
}

/** Call each handler now, and again whenever one of the traits changes that its key names; return what ends that. */
export function bind(model, handlers) {
  const ends = Object.entries(handlers).flatMap(([traits, act]) => {
    act();
    return traits.split(" ").map((name) => {
      model.on(`change:${name}`, act);
      return () => model.off(`change:${name}`, act);
    });
  });
  return () => {
    for (const end of ends) end();
  };
}

/** Make a text that stands back. */
export const muted = (textContent) => element("span", { className: "ce-muted", textContent });

/** Make a table of rows. */
export function tableOf(head, body, foot = []) {
  const parts = Object.entries({ thead: [head], tbody: body, tfoot: foot });
  return element(
    "table",
    {},
    ...parts.filter(([, rows]) => rows.length).map(([tag, rows]) => element(tag, {}, ...rows)),
  );
}

/** Make a place for something that may be wider or higher; the keyboard scrolls it, too. */
export const scrollRegion = (className, label, ...children) =>
  element("div", { className, tabIndex: 0, role: "region", "aria-label": label }, ...children);

/** Move through items with the arrow keys, Home and End. `select(index, event)` gets the new place. */
export function arrowKeys(event, index, count, select, keys = {}) {
  const { back = "ArrowLeft ArrowUp", on = "ArrowRight ArrowDown" } = keys;
  const to = back.split(" ").includes(event.key)
    ? index - 1
    : on.split(" ").includes(event.key)
      ? index + 1
      : event.key === "Home"
        ? 0
        : event.key === "End"
          ? count - 1
          : undefined;
  if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return false;
  event.preventDefault();
  select(Math.min(Math.max(to, 0), count - 1), event);
  return true;
}

/** Keep what is typed in a part from the host: JupyterLab has commands on single keys. */
export function keepKeys(node) {
  node.addEventListener("keydown", (event) => event.stopPropagation());
}

/** Run `act` once at the next frame, however often it is asked for until then. */
export function atNextFrame(act) {
  let asked = 0;
  return () => {
    if (asked) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      act();
    });
  };
}

/** Run `act` some time after the first `begin()`, however often that is called meanwhile, unless it is called off. */
export function delayed(act, milliseconds) {
  let timer = null;
  return {
    begin() {
      timer ??= setTimeout(act, milliseconds);
    },
    callOff() {
      clearTimeout(timer);
      timer = null;
    },
  };
}

/** Write a share in percent; what is more than nothing is not written as 0%. */
export const percent = (share) => (share > 0 && share < 0.005 ? "under 1%" : `${Math.round(100 * share)}%`);

/** Write a number with its sign, a minus that is as wide as a plus. */
export const signed = (value, digits = 2) => {
  const shown = decimal(value, digits);
  return Number(value.toFixed(digits)) === 0 ? `±${shown}` : shown.startsWith("−") ? shown : `+${shown}`;
};

/** Write by how much two numbers differ once both are printed: 6.77 and 6.70 by 0.07, whatever their other decimals. */
export const signedChange = (after, before, digits = 2) =>
  signed(Number(after.toFixed(digits)) - Number(before.toFixed(digits)), digits);
/** Write a similarity or a score. */
export const decimal = (value, digits = 2) =>
  `${Number(value.toFixed(digits)) < 0 ? "−" : ""}${Math.abs(value).toFixed(digits)}`;
export const inWords = (number) => number.toLocaleString("en");
/** Write a number with its noun: "1 query", "2,000 queries". */
export const counted = (number, noun, plural = `${noun}s`) => `${inWords(number)} ${number === 1 ? noun : plural}`;
export const inMegabytes = (bytes) => `${(bytes / 1048576).toFixed(1)} MB`;

/** Count as Python does: a character outside the basic plane is one, not two. */
export function countCharacters(text) {
  let pairs = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) pairs++;
  return text.length - pairs;
}

export function shortened(text, length) {
  const letters = Array.from(text.slice(0, 2 * length + 2));
  return letters.length > length ? `${letters.slice(0, length - 1).join("")}…` : text;
}

/** Shorten in the middle: names of a kind often differ at their ends only. */
export function shortenedInside(text, length) {
  const letters = Array.from(text);
  if (letters.length <= length) return text;
  const tail = Math.floor(length / 3);
  return `${letters.slice(0, length - 1 - tail).join("")}…${letters.slice(-tail).join("")}`;
}

/** Copy a text; return whether the browser lets us. A page that came over plain HTTP has no clipboard. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Save bytes as a file. */
export function saveFile(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
