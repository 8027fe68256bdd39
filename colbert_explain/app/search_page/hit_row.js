// One hit: rank, name, score; its best sentence; a mark per query word; what the index and another ranking say.
import { button, decimal, element, signed } from "../web/dom.js";
import { railMarks } from "../inputs/rail_marks.js";
import { scoreBar } from "../inputs/score_bar.js";

/** Make a row. `on` has choose, point(mark or null) and keydown. */
export function hitRow(on) {
  const rank = element("span", { className: "ce-hit-rank" });
  const name = element("span", { className: "ce-hit-name", dir: "auto" });
  const score = element("span", { className: "ce-hit-score" });
  const sentence = element("span", { className: "ce-hit-sentence", dir: "auto" });
  const bar = scoreBar();
  const marks = railMarks({ onPoint: on.point });
  const tags = element("span", { className: "ce-hit-tags" });
  const main = button("", on.choose, "ce-hit-main");
  main.append(
    element("span", { className: "ce-hit-line" }, rank, name, score),
    sentence,
    element("span", { className: "ce-hit-line ce-hit-measures" }, marks.node, bar.node),
    tags,
  );
  main.addEventListener("keydown", on.keydown);
  const node = element("li", { className: "ce-hit" }, main);

  return {
    node,
    main,
    /** Show a hit with its row in the second ranking, called `short`, or null. */
    show(hit, second, short) {
      rank.textContent = String(hit.rank);
      name.textContent = hit.name;
      score.textContent = decimal(hit.score);
      score.title = `Score ${decimal(hit.score, 6)}`;
      bar.show(hit.of_best);
      sentence.replaceChildren(
        ...hit.parts.map(([text, isMatch]) => (isMatch ? element("b", { textContent: text }) : text)),
      );
      sentence.title = hit.sentence;
      marks.show(hit.marks);
      const words = [
        hit.right && ["right answer", "It is judged to answer this query", "ce-hit-right"],
        hit.index_score !== null && [
          `index ${signed(-hit.difference)}`,
          `The index gives ${decimal(hit.index_score, 4)}, the exact score is ${decimal(hit.score, 4)}`,
          "",
        ],
        second && [
          `${short}: ${rankThere(second)}`,
          second.why || "The same rank in the second ranking",
          movedClass(second),
        ],
      ].filter(Boolean);
      tags.replaceChildren(
        ...words.map(([text, title, kind]) =>
          element("span", { className: `ce-hit-tag ${kind}`, textContent: text, title }),
        ),
      );
      tags.hidden = !words.length;
      const told = words.map(([text]) => text).join(", ");
      main.setAttribute(
        "aria-label",
        `${hit.name}: rank ${hit.rank}, score ${decimal(hit.score)}${told && `, ${told}`}. ${hit.sentence}`,
      );
    },
    setShown(isShown) {
      node.classList.toggle("ce-hit-shown", isShown);
      if (isShown) main.setAttribute("aria-current", "true");
      else main.removeAttribute("aria-current");
    },
    light: marks.light,
  };
}

function rankThere({ first, second }) {
  if (second === null) return "not found";
  if (first === second) return `also ${second}`;
  return `${second} ${second < first ? "▲" : "▼"}`;
}

const movedClass = ({ first, second }) => (first === second ? "" : "ce-hit-moved");
