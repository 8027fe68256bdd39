// A region of markup written by the package's own templates, which have escaped every text.

function render({ model, el }) {
  const region = document.createElement("div");
  region.className = "ce-region";
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", model.get("label"));
  region.tabIndex = 0;
  el.append(region);

  const sideOf = (box) => (box.closest(".ce-document") ? "document" : "query");
  const tokensOf = (box) => box.dataset.tokens.split(" ").map(Number);

  function mark() {
    const [query, place] = model.get("pinned");
    for (const box of region.querySelectorAll("[data-tokens]")) {
      const token = sideOf(box) === "query" ? query : place;
      const pinned = token !== undefined && tokensOf(box).includes(token);
      box.classList.toggle("ce-pin", pinned);
      if (!pinned) continue;
      const fold = box.closest("details");
      if (fold) fold.open = true;
    }
  }

  function write() {
    // The words of one text: a new one begins at its beginning.
    region.innerHTML = model.get("html");
    mark();
  }

  let waiting;
  function pick(box) {
    clearTimeout(waiting);
    model.send({ event: "pick", side: sideOf(box), tokens: tokensOf(box) });
  }

  const boxOf = (event) => event.target.closest?.("[data-tokens]");
  region.addEventListener("click", (event) => {
    const box = boxOf(event);
    if (box && region.contains(box)) pick(box);
  });
  region.addEventListener("focusin", (event) => {
    const box = boxOf(event);
    clearTimeout(waiting);
    // Whoever tabs through a text does not stop at every word.
    if (box && box.matches(":focus-visible")) waiting = setTimeout(() => pick(box), 250);
  });
  region.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab would take it for a command
    const box = boxOf(event);
    if (box && event.target === box && event.key === "Enter") pick(box);
  });

  write();
  model.on("change:html", write);
  model.on("change:pinned", mark);
  return () => {
    clearTimeout(waiting);
    model.off("change:html", write);
    model.off("change:pinned", mark);
  };
}

export default { render: withPython(render) };
