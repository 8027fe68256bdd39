// The best sentences of the document; choosing one leads there.

import { button, decimal, element, muted } from "../web/dom.js";

/** List sentences with their share of the score; `page.goTo(first, stop)` shows their columns. */
export function bestSentences({ page }) {
  const hint = element("p", { className: "ce-best-sentences-hint ce-muted" });
  const list = element("ol", { className: "ce-best-sentences-list ce-plain-list" });
  const node = element("div", { className: "ce-best-sentences" }, hint, list);

  function draw(sentences) {
    if (!sentences) return;
    hint.textContent =
      sentences.length < 2
        ? "The document is a single sentence."
        : "Beside each sentence: the document's score if only that sentence could match. Select one to see it in the heatmap.";
    list.hidden = sentences.length < 2;
    list.replaceChildren(...sentences.map(item));
  }

  function item(sentence) {
    const { rank, score, share, of_best: ofBest, label, header, text, columns } = sentence;
    const fill = element("span", { className: "ce-best-sentences-fill" });
    fill.style.width = `${100 * Math.min(1, Math.max(0, share ?? ofBest ?? 0))}%`;
    const row = button("", () => page.goTo(columns[0], columns[1]), "ce-best-sentences-row");
    row.disabled = !columns;
    row.append(
      muted(`${rank}.`),
      element(
        "span",
        { className: "ce-best-sentences-text", dir: "auto" },
        // A row of a table means little without the names of its columns.
        ...(header ? [muted(`${header} `)] : []),
        text,
      ),
      element(
        "span",
        { className: "ce-best-sentences-score" },
        element("strong", { textContent: decimal(score) }),
        muted(label ? ` ${label}` : ""),
        element("span", { className: "ce-best-sentences-bar", "aria-hidden": "true" }, fill),
      ),
    );
    return element("li", {}, row);
  }

  return { name: "best_sentences", title: "Best sentences", node, draw };
}
