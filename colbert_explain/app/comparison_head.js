// Two explanations by name. Texts are only ever set as textContent, never as markup.

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function render({ model, el }) {
  const sentence = element("p");
  sentence.setAttribute("role", "status");
  const cards = element("div", { className: "ce-cards" });
  el.append(element("div", { className: "ce-comparison" }, sentence, cards));

  function card(side) {
    const line = (name, text) =>
      element("p", {}, element("span", { className: "ce-quiet", textContent: `${name}: ` }), element("bdi", { textContent: text }));
    return element(
      "div",
      { className: "ce-card" },
      element("h4", {}, `${side.name[0].toUpperCase()}${side.name.slice(1)}: `, element("b", { textContent: side.score })),
      line("query", side.query),
      line("document", side.document),
      line("model", side.model),
    );
  }

  function update() {
    sentence.textContent = model.get("sentence");
    cards.replaceChildren(...model.get("sides").map(card));
  }

  update();
  model.on("change", update);
  return () => model.off("change", update);
}

export default { render };
