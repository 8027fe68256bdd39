// One document in the rail: its rank, score, first words, and a mark for each query word.
import { button, decimal, element, svgElement } from "../web/dom.js";
import { railMarks } from "./rail_marks.js";
import { scoreBar } from "./score_bar.js";
import { firstWords } from "./typed_texts.js";

const SNIPPET = 110; // characters of a text that was not explained yet

/** Make a row. `on` has choose, edit, remove, point and keydown. */
export function railRow(on) {
  const rank = element("span", { className: "ce-rail-rank" });
  const bar = scoreBar();
  const score = element("span", { className: "ce-rail-score" });
  const name = element("span", { className: "ce-rail-name", dir: "auto" });
  const snippet = element("span", { className: "ce-rail-snippet", dir: "auto" });
  const marks = railMarks({ onPoint: on.point });
  const main = button("", on.choose, "ce-rail-main");
  main.append(element("span", { className: "ce-rail-line" }, rank, bar.node, score), name, snippet, marks.node);
  main.addEventListener("dblclick", on.edit);
  main.addEventListener("keydown", on.keydown);
  const edit = icon("Edit", "M4 20h4L19 9l-4-4L4 16z", on.edit);
  const remove = icon("Remove", "M6 6l12 12M18 6L6 18", on.remove);
  const tools = element("span", { className: "ce-rail-tools" }, edit, remove);
  const node = element("li", { className: "ce-rail-row" }, main, tools);
  let drawn = {};

  return {
    node,
    main,
    /** Show a document: `{ name, isNamed, text, state, entry, reason, isShown, isQueryChanged }`. */
    show(one) {
      // With many documents, each keystroke asks all rows, and changes few.
      if (Object.keys(one).every((name) => one[name] === drawn[name])) return;
      drawn = one;
      const { entry, state } = one;
      const isScored = entry !== null && state === "fresh";
      const isBlank = !one.text.trim();
      const shownText = isScored ? entry.snippet : firstWords(one.text, SNIPPET);
      const isRepeated = !one.isNamed && one.text.trim() !== "";
      rank.textContent = isScored ? String(entry.rank) : "";
      bar.node.hidden = !isScored;
      bar.show(isScored ? entry.of_best : null);
      score.textContent = isScored ? decimal(entry.score) : stateWord(one, isBlank);
      score.classList.toggle("ce-rail-state", !isScored);
      name.textContent = one.name;
      name.hidden = isRepeated;
      snippet.textContent = one.reason && state === "fresh" ? one.reason : shownText;
      snippet.classList.toggle("ce-rail-reason", !!one.reason && state === "fresh");
      snippet.classList.toggle("ce-rail-two-lines", isRepeated);
      snippet.hidden = !snippet.textContent;
      marks.show(isScored ? entry.marks : []);
      node.classList.toggle("ce-rail-old", state === "changed");
      for (const part of [bar.node, score, marks.node])
        part.classList.toggle("ce-stale", isScored && one.isQueryChanged);
      node.classList.toggle("ce-rail-shown", one.isShown);
      if (one.isShown) main.setAttribute("aria-current", "true");
      else main.removeAttribute("aria-current");
      const said = isScored ? `rank ${entry.rank}, score ${decimal(entry.score)}` : stateWord(one, isBlank);
      main.setAttribute("aria-label", [one.name, said, one.reason].filter(Boolean).join(": "));
      main.title = one.reason || one.name;
      edit.setAttribute("aria-label", `Edit ${one.name}`);
      remove.setAttribute("aria-label", `Remove ${one.name}`);
    },
    /** Only one row is a stop of the Tab key. */
    setStop(isStop) {
      for (const one of [main, edit, remove]) one.tabIndex = isStop ? 0 : -1;
    },
    light: marks.light,
  };
}

function stateWord({ state, reason, entry }, isBlank) {
  if (isBlank) return "empty";
  if (state === "changed") return "changed";
  if (reason) return "not read";
  return entry === null ? "not explained yet" : "";
}

function icon(title, path, act) {
  const node = button("", act, "ce-rail-icon");
  node.title = title;
  node.append(svgElement("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svgElement("path", { d: path })));
  return node;
}
