// What is pinned and what is kept. Texts are only ever set as textContent, never as markup.

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

const HINT = "Click a cell, or choose a word or a row below, to pin its pair in every view.";

function render({ model, el }) {
  const pinned = element("span", { className: "ce-pinned-line", dir: "ltr" });
  pinned.setAttribute("role", "status");
  const kept = element("span", { className: "ce-quiet", dir: "ltr" });
  const button = (textContent, event) => {
    const node = element("button", { type: "button", textContent });
    node.addEventListener("click", () => model.send({ event }));
    node.addEventListener("keydown", (press) => press.stopPropagation()); // JupyterLab's commands
    return node;
  };
  const unpin = button("Unpin", "unpin");
  const keep = button("Keep for comparison", "keep");
  const release = button("Clear", "release");
  el.append(
    element(
      "div",
      { className: "ce-result-bar" },
      element("div", { className: "ce-part-left" }, pinned, unpin),
      element("div", { className: "ce-part-right" }, kept, keep, release),
    ),
  );

  function update() {
    const sentence = model.get("pinned");
    pinned.textContent = sentence || HINT;
    pinned.classList.toggle("ce-quiet", !sentence);
    unpin.hidden = !sentence;
    kept.textContent = model.get("kept") ? `Kept: ${model.get("kept")}` : "";
    keep.hidden = model.get("same");
    keep.textContent = model.get("kept") ? "Keep this one instead" : "Keep for comparison";
    release.hidden = !model.get("kept");
  }

  update();
  model.on("change", update);
  return () => model.off("change", update);
}

export default { render: withPython(render) };
