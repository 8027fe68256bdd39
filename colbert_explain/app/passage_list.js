// The best sentences of the document. Texts are only ever set as textContent, never as markup.

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

const percent = (part) => `${Math.round(100 * part)} %`;
let lists = 0;

function render({ model, el }) {
  const id = `ce-passages-${++lists}`;
  const list = element("ol");
  const root = element(
    "section",
    { className: "ce-passages" },
    element("h3", { id, textContent: "Best sentences" }),
    element("p", {
      textContent:
        "What the document would score if only this sentence could be matched. Choose one to see it in the heatmap.",
    }),
    list,
  );
  root.setAttribute("aria-labelledby", id);
  el.append(root);

  function item(passage) {
    const bar = element("span", { className: "ce-bar-fill" });
    bar.style.width = `${100 * Math.max(0, passage.of_best ?? 0)}%`;
    // How near the others come to the best one shows a near miss.
    const [part, whole] =
      passage.rank === 1 ? [passage.share, "the score"] : [passage.of_best, "the best"];
    const button = element(
      "button",
      { type: "button" },
      element("span", { className: "ce-rank", textContent: `${passage.rank}.` }),
      element(
        "span",
        { className: "ce-sentence", dir: "auto" },
        // A row of a table means little without the names of its columns.
        passage.header ? element("span", { className: "ce-columns", textContent: `${passage.header} ` }) : "",
        passage.text,
      ),
      element(
        "span",
        { className: "ce-numbers" },
        element("b", { textContent: passage.score.toFixed(3) }),
        part === null ? "" : ` · ${percent(part)} of ${whole}`,
        element("span", { className: "ce-holds", textContent: " · holds the pinned match", hidden: true }),
        element("span", { className: "ce-bar-line", ariaHidden: "true" }, bar),
      ),
    );
    button.setAttribute("aria-pressed", String(passage.first === model.get("picked")));
    button.addEventListener("click", () => {
      model.send({ event: "pick", first: passage.first, stop: passage.stop });
      el.closest(".ce-workbench")
        ?.querySelector(".js-plotly-plot")
        ?.scrollIntoView({ block: "nearest", behavior: "instant" });
    });
    button.dataset.first = passage.first;
    return element("li", {}, button);
  }

  function update() {
    const passages = model.get("passages");
    root.hidden = passages.length < 2;
    list.replaceChildren(...passages.map(item));
    mark();
  }

  function mark() {
    for (const button of list.querySelectorAll("button")) {
      const first = Number(button.dataset.first);
      button.setAttribute("aria-pressed", String(first === model.get("picked")));
      button.querySelector(".ce-holds").hidden = first !== model.get("pinned");
    }
  }

  update();
  model.on("change:passages", update);
  model.on("change:picked", mark);
  model.on("change:pinned", mark);
  return () => {
    model.off("change:passages", update);
    model.off("change:picked", mark);
    model.off("change:pinned", mark);
  };
}

export default { render: withPython(render) };
