// What the parts of the form share. Texts are only ever set as values or textContent.

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function button(text, onClick, className = "") {
  const node = element("button", { type: "button", textContent: text, className });
  node.addEventListener("click", onClick);
  return node;
}

function labelled(text, control, className = "ce-field") {
  return element("div", { className }, element("label", { htmlFor: control.id, textContent: text }), control);
}

function option(value, text) {
  return element("option", { value, textContent: text });
}

// As Python counts: a character outside the basic plane is one, not two.
function countCharacters(text) {
  let pairs = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) pairs++;
  return text.length - pairs;
}

const inWords = (number) => number.toLocaleString("en");
const inMegabytes = (bytes) => `${(bytes / 1048576).toFixed(1)} MB`;

function shortened(text, length) {
  const letters = Array.from(text.slice(0, 2 * length + 2));
  return letters.length > length ? `${letters.slice(0, length - 1).join("")}…` : text;
}

// Names of a kind often differ at their end only.
function shortenedInside(text, length) {
  const letters = Array.from(text);
  if (letters.length <= length) return text;
  const tail = Math.floor(length / 3);
  return `${letters.slice(0, length - 1 - tail).join("")}…${letters.slice(-tail).join("")}`;
}
