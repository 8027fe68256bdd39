// One small square for each scored query word, filled in the colour of its similarity.
import { decimal, element } from "../web/dom.js";

const SQUARE = 14; // pixels, the gap after it included
const GAP = 2;

/** Make the marks of a row. `onPoint(index)` is called with the word under the pointer, then with null. */
export function railMarks({ onPoint }) {
  const squares = element("span", { className: "ce-marks-squares" });
  const label = element("span", { className: "ce-marks-label", dir: "auto" });
  const node = element("span", { className: "ce-marks", ariaHidden: "true" }, squares, label);
  let marks = [];

  function indexAt(event) {
    const box = squares.getBoundingClientRect();
    return Math.min(Math.max(Math.floor(((event.clientX - box.left) / box.width) * marks.length), 0), marks.length - 1);
  }

  squares.addEventListener("pointermove", (event) => marks.length && onPoint(indexAt(event)));
  squares.addEventListener("pointerleave", () => onPoint(null));

  function light(index) {
    const mark = marks[index ?? -1];
    squares.classList.toggle("ce-marks-lit", !!mark);
    if (mark) {
      squares.style.setProperty("--ce-marks-left", `calc(${(100 * index) / marks.length}% - ${GAP / 2}px)`);
      squares.style.setProperty("--ce-marks-width", `calc(${100 / marks.length}%)`);
    }
    label.textContent = mark ? `${mark.label} ${decimal(mark.value)}` : "";
  }

  return {
    node,
    show(given) {
      marks = given;
      node.hidden = !marks.length;
      squares.style.width = `min(100%, ${SQUARE * marks.length}px)`;
      squares.style.backgroundImage = marks.length ? stripes(marks) : "";
      light(null);
    },
    light,
  };
}

// A background is one element, however long the query and however many the documents.
function stripes(marks) {
  const gap = marks.length > 40 ? 0 : GAP;
  const stops = marks.map((mark, index) => {
    const [from, to] = [(100 * index) / marks.length, (100 * (index + 1)) / marks.length];
    const end = `calc(${to}% - ${gap}px)`;
    return `${colourOf(mark)} ${from}% ${end}, transparent ${end} ${to}%`;
  });
  return `linear-gradient(to right, ${stops.join(", ")})`;
}

function colourOf({ colour, value }) {
  const share = Math.round(100 * Math.min(Math.max(value, 0), 1));
  return colour ?? `color-mix(in oklab, var(--ce-accent) ${share}%, var(--ce-paper))`;
}
