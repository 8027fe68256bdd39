// Tabs as the ARIA authoring practices describe them: one stop for Tab, arrow keys move.

// Python fills these when they are opened.
const FILLED_LATE = ["contributions", "what-if", "table", "export"];

let rows = 0;

function render({ model, el }) {
  const id = `ce-tabs-${++rows}`;
  const list = document.createElement("div");
  list.className = "ce-tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", "Views of this explanation");
  el.append(list);

  const buttons = () => [...list.querySelectorAll("[role=tab]")];

  // The sections are other widgets, drawn when their time comes.
  let tries = 0;
  let frame;
  function dress() {
    cancelAnimationFrame(frame);
    const root = el.closest(".ce-results");
    const selected = model.get("selected");
    let missing = !root;
    for (const button of buttons()) {
      const name = button.dataset.name;
      const chosen = name === selected;
      button.setAttribute("aria-selected", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
      const panel = root?.querySelector(`.ce-panel-${name}`);
      if (!panel) {
        missing = true;
        continue;
      }
      panel.id = `${id}-panel-${name}`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", button.id);
      button.setAttribute("aria-controls", panel.id);
    }
    for (const panel of root?.querySelectorAll(".ce-panel") ?? []) {
      panel.classList.toggle("ce-chosen-panel", panel.classList.contains(`ce-panel-${selected}`));
    }
    if (missing && ++tries < 600) frame = requestAnimationFrame(dress);
  }

  function select(name, focus) {
    model.set("selected", name);
    model.save_changes();
    dress();
    if (focus) list.querySelector(`[data-name="${name}"]`).focus();
  }

  function write() {
    const focused = document.activeElement?.dataset?.name;
    list.replaceChildren(
      ...model.get("tabs").map(({ name, title }) => {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", id: `${id}-${name}`, textContent: title });
        button.setAttribute("role", "tab");
        button.dataset.name = name;
        button.dataset.alone = "";
        button.addEventListener("click", () => select(name, false));
        return button;
      }),
    );
    if (focused) list.querySelector(`[data-name="${focused}"]`)?.focus();
    tries = 0;
    dress();
  }

  list.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab would take it for a command
    const all = buttons();
    const here = all.indexOf(document.activeElement);
    const target = {
      ArrowRight: (here + 1) % all.length,
      ArrowLeft: (here + all.length - 1) % all.length,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (here < 0 || target === undefined) return;
    event.preventDefault();
    select(all[target].dataset.name, true);
  });

  model.whenGone((gone) => {
    for (const button of buttons()) {
      const isFilled = !FILLED_LATE.includes(button.dataset.name) || button.getAttribute("aria-selected") === "true";
      button.disabled = gone && !isFilled;
    }
  });
  const changed = () => {
    tries = 0;
    dress();
  };
  write();
  model.on("change:tabs", write);
  model.on("change:selected", changed);
  return () => {
    cancelAnimationFrame(frame);
    model.off("change:tabs", write);
    model.off("change:selected", changed);
  };
}

export default { render: withPython(render) };
