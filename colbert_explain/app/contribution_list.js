// What each query token adds. Texts are only ever set as textContent, never as markup.

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// A name is kept in its place, whatever its direction.
const named = (name) => element("bdi", { textContent: name });
const percent = (part) => `${Math.round(100 * part)} %`;
const FIRM = { tie: "tie", close: "close call" };

function render({ model, el }) {
  const notes = element("div", { className: "ce-notes" });
  const list = element("div", { className: "ce-list" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "What each query token adds to the score");
  const unscored = element("p", { className: "ce-quiet" });
  const root = element(
    "div",
    { className: "ce-contributions" },
    element("p", {
      className: "ce-quiet",
      textContent:
        "Each bar shows what a query token adds, by its best match; the mark on it shows the best match elsewhere. " +
        "Choose a row to pin its pair in every view; arrow keys move between rows.",
    }),
    notes,
    list,
    unscored,
  );
  el.append(root);

  const options = () => [...list.querySelectorAll("[role=option]")];

  function choose(option) {
    model.send({ event: "pick", pair: option.pair });
  }

  function row(entry, scale, level) {
    const fill = element("span", { className: "ce-fill" });
    fill.style.width = `${(100 * Math.max(0, entry.value)) / scale}%`;
    fill.style.background = entry.colour;
    const bar = element("span", { className: "ce-meter", ariaHidden: "true" }, fill);
    if (entry.runner_up_value !== null && entry.runner_up_value > 0) {
      const tick = element("span", { className: "ce-tick" });
      tick.style.left = `${(100 * entry.runner_up_value) / scale}%`;
      bar.append(tick);
    }
    const share = entry.share === null ? "" : ` · ${percent(entry.share)}`;
    const pieces = entry.pieces > 1 ? ` · ${entry.pieces} pieces` : "";
    const match = element(
      "span",
      { className: "ce-match" },
      "→ ",
      element("b", {}, named(entry.match)),
      element("span", { className: "ce-quiet", textContent: ` token ${entry.at.toLocaleString("en-US")}` }),
    );
    const near = element("span", { className: "ce-near ce-quiet" });
    if (entry.runner_up !== null) {
      const value = entry.runner_up_value === null ? "" : ` ${entry.runner_up_value.toFixed(3)}`;
      near.append("next: ", named(entry.runner_up), value);
    } else near.append("no other match");
    if (entry.firm) {
      near.append(" ", element("span", { className: `ce-badge ce-${entry.firm}`, textContent: FIRM[entry.firm] }));
    }
    const option = element(
      "div",
      { className: "ce-row", tabIndex: -1 },
      element("span", { className: "ce-name" }, named(entry.name)),
      bar,
      element(
        "span",
        { className: "ce-value" },
        element("b", { textContent: entry.value.toFixed(3) }),
        element("span", { className: "ce-quiet", textContent: share + pieces }),
      ),
      match,
      near,
    );
    option.setAttribute("role", "option");
    option.pair = entry.pair;
    option.tokens = entry.tokens;
    option.addEventListener("click", () => {
      stand(option);
      choose(option);
    });
    return option;
  }

  function group(entry, ledger) {
    const share = entry.share === null ? "" : ` = ${percent(entry.share)} of the score`;
    const count = `${entry.rows.length} ${entry.rows.length === 1 ? "row adds" : "rows add"} up to`;
    const head = element(
      "div",
      { className: "ce-group-head" },
      element("b", { textContent: entry.name }),
      ` ${count} `,
      element("b", { textContent: entry.subtotal.toFixed(3) }),
      share,
    );
    head.setAttribute("role", "presentation");
    const node = element("div", { className: "ce-group" }, head, ...entry.rows.map((r) => row(r, ledger.scale)));
    node.setAttribute("role", "group");
    node.setAttribute("aria-label", head.textContent);
    return node;
  }

  // One stop for the Tab key; arrow keys move within.
  function stand(option) {
    for (const other of options()) other.tabIndex = -1;
    if (option) option.tabIndex = 0;
  }

  function mark() {
    const pinned = model.get("pinned");
    let found;
    for (const option of options()) {
      const here = option.tokens.includes(pinned);
      option.setAttribute("aria-selected", String(here));
      if (here) found = option;
    }
    if (found) {
      stand(found);
      if (!list.contains(document.activeElement)) {
        const [top, low] = [found.offsetTop - list.offsetTop, list.scrollTop];
        if (top < low || top > low + list.clientHeight - 40) list.scrollTop = top - 80;
      }
    }
  }

  function update() {
    const ledger = model.get("ledger");
    if (!ledger.groups) return;
    notes.replaceChildren(...ledger.sentences.map((sentence) => element("p", { textContent: sentence, dir: "ltr" })));
    list.replaceChildren(...ledger.groups.map((entry) => group(entry, ledger)));
    const n = ledger.unscored.length;
    unscored.replaceChildren();
    if (n) {
      const names = ledger.unscored.slice(0, 20).flatMap((name, k) => (k ? ["  ", named(name)] : [named(name)]));
      unscored.append("Not scored, so they add nothing: ", ...names, n > 20 ? ` and ${n - 20} more` : "");
    }
    stand(options()[0]);
    mark();
  }

  list.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab would take it for a command
    const all = options();
    const here = all.indexOf(document.activeElement);
    if (here < 0) return;
    const target = {
      ArrowDown: here + 1,
      ArrowUp: here - 1,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (event.key === "Enter" || event.key === " ") choose(all[here]);
    else if (target === undefined) return;
    else if (all[target]) {
      stand(all[target]);
      all[target].focus();
    }
    event.preventDefault();
  });

  update();
  model.on("change:ledger", update);
  model.on("change:pinned", mark);
  return () => {
    model.off("change:ledger", update);
    model.off("change:pinned", mark);
  };
}

export default { render: withPython(render) };
