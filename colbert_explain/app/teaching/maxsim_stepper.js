// MaxSim played through. Every number and sentence was written in Python; nothing is computed here,
// and nothing is asked of the kernel.

import { button as plainButton, element, freshId } from "../web/dom.js";

const PAUSE = 1800; // milliseconds that a step stays while playing

function render({ model, el }) {
  const id = freshId("stepper");
  const { steps, colours, score, ...about } = model.get("contents");
  const columns = about.document;
  const last = steps.length - 1;
  let position = 0;
  let timer = null;

  const button = (ariaLabel, text, act, className = "") => plainButton(text, act, className, { ariaLabel });
  const previous = button("Previous step", "◀ Previous", () => walk(position - 1));
  const next = button("Next step", "Next ▶", () => walk(position + 1));
  const play = button("Play", "Play", toggle, "ce-primary ce-play");
  const count = element("span", { className: "ce-count" });
  const keys = element("span", {
    className: "ce-hint",
    textContent: "← → step · Home, End · space plays and pauses",
  });

  const tabs = steps.map((step, index) => {
    const isEnd = step.name === undefined;
    const tab = plainButton("", () => walk(index), isEnd ? "ce-end" : "", {
      id: `${id}-${index}`,
      role: "tab",
      "aria-controls": `${id}-panel`,
    });
    const textContent = isEnd ? (index ? "Score" : "Start") : step.name;
    tab.append(element("span", { className: "ce-word", dir: "auto", textContent }));
    if (index) tab.append(...ledger(step));
    return tab;
  });

  // What a token has added and what the sum is then; seen once its step has come.
  function ledger(step) {
    if (step.name === undefined) {
      return [element("span", { className: "ce-total", textContent: `= ${score}` })];
    }
    if (step.reason !== null) {
      return [element("span", { className: "ce-skipped", textContent: "skipped" })];
    }
    const added = element("span", { className: "ce-added", textContent: step.contribution });
    added.style.cssText = colours[step.colour];
    return [added, element("span", { className: "ce-sum", textContent: `Σ ${step.sum_text}` })];
  }

  const list = { className: "ce-tokens", role: "tablist", "aria-label": "Query tokens, one step each" };
  const tokens = element("div", list, ...tabs);
  const said = element("p", { className: "ce-said", dir: "ltr", "aria-live": "polite" });
  const row = element("ol", { className: "ce-row" });
  const addition = element("p", { className: "ce-addition" });
  const shown = { className: "ce-panel", id: `${id}-panel`, tabIndex: 0, role: "tabpanel" };
  const panel = element("div", shown, said, row, addition);

  const total = element("b");
  const bar = element("span", { className: "ce-bar-fill" });
  const average = element("span", { className: "ce-note" });
  const sum = element(
    "div",
    { className: "ce-beside" },
    element("span", { className: "ce-title", textContent: "MaxSim: sum so far" }),
    element("span", { className: "ce-number" }, total),
    element("span", { className: "ce-bar-line", ariaHidden: "true" }, bar),
    average,
  );
  if (about.pooled !== null) {
    sum.append(
      element("span", { className: "ce-title", textContent: "Single-vector cosine" }),
      element("span", { className: "ce-number ce-pooled" }, element("b", { textContent: about.pooled })),
      element("span", {
        className: "ce-note ce-wide",
        textContent: "Cosine of the means of these token vectors. It has no steps and does not show which words match.",
      }),
    );
  }

  const tip = element("div", { className: "ce-tip", ariaHidden: "true", hidden: true });
  const foot = [about.shortened, ...about.warnings].filter(Boolean);
  const source = element(
    "details",
    { className: "ce-source" },
    element(
      "summary",
      {},
      element("span", { className: "ce-sign", ariaHidden: "true", textContent: "i" }),
      "About these numbers",
    ),
    element("p", {
      className: "ce-note",
      textContent:
        "Solid red frame: the best match. Dashed: several tokens tie, and one of them counts. Grey: not scored. " +
        "The numbers shown are rounded; the sum is computed before rounding. The steps add up exactly to the score. They don't prove which " +
        "words the model relied on.",
    }),
    element("p", { className: "ce-note", textContent: about.provenance }),
  );
  const root = element(
    "section",
    { className: "ce-part ce-stepper", ariaLabel: "MaxSim, step by step" },
    element("div", { className: "ce-controls" }, previous, next, play, count, keys),
    tokens,
    panel,
    sum,
    ...foot.map((textContent) => element("p", { className: "ce-note", textContent })),
    source,
    tip,
  );
  el.append(element("style", { textContent: model.get("saved_style") }), root);

  function explainPair(event, step, column, value) {
    const words = ({ left, name, right }) =>
      element("div", { dir: "auto" }, left, element("b", { textContent: name }), right);
    const why = step.reason ?? column.reason;
    tip.replaceChildren(
      words(step),
      words(column),
      element("div", { textContent: `cosine similarity ${value}${why === null ? "" : `, ${why}`}` }),
    );
    tip.hidden = false;
    const place = root.getBoundingClientRect();
    const cell = event.currentTarget.getBoundingClientRect();
    const scale = place.width / root.offsetWidth; // of a page in large type
    const middle = (cell.left - place.left + cell.width / 2) / scale;
    const room = root.clientWidth - tip.offsetWidth;
    tip.style.left = `${Math.min(Math.max(0, middle - tip.offsetWidth / 2), Math.max(0, room))}px`;
    tip.style.top = `${(cell.bottom - place.top) / scale + 6}px`;
  }

  function cells(step) {
    const tied = step.cells.filter((cell) => cell[3]).length > 1;
    const items = [];
    let before = -1;
    for (const [place, value, colour, wins] of [...step.cells, [about.n_document]]) {
      const left = place - before - 1;
      if (left > 0) {
        const text = `… ${left.toLocaleString("en-US")} more …`;
        items.push(element("li", { className: "ce-gap", textContent: text }));
      }
      before = place;
      if (place === about.n_document) break;
      const column = columns[place];
      const shown = element("span", { className: "ce-value", textContent: value });
      if (colour !== null) shown.style.cssText = colours[colour];
      const item = element(
        "li",
        { className: wins ? (tied ? "ce-cell ce-tied" : "ce-cell ce-wins") : "ce-cell" },
        element("span", { className: "ce-word", dir: "auto", textContent: column.name }),
        shown,
      );
      if (wins) {
        item.append(element("span", { className: "ce-unseen", textContent: tied ? "tied" : "best match" }));
      }
      if (colour === null) item.classList.add("ce-off");
      item.addEventListener("pointerenter", (event) => explainPair(event, step, column, value));
      item.addEventListener("pointerleave", () => (tip.hidden = true));
      items.push(item);
    }
    return items;
  }

  // Before the first step the document stands there without numbers: a class can still guess.
  function unanswered() {
    const places = steps[1].cells.map((cell) => cell[0]);
    if (about.shortened !== null) return [];
    return places.map((place) => {
      const { name, reason } = columns[place];
      const word = element("span", { className: "ce-word", dir: "auto", textContent: name });
      const hidden = element("span", { className: "ce-value", textContent: "?" });
      return element("li", { className: reason === null ? "ce-cell" : "ce-cell ce-off" }, word, hidden);
    });
  }

  function show(target) {
    const focused = tokens.contains(root.getRootNode().activeElement);
    const step = steps[target];
    position = target;
    tip.hidden = true;
    tabs.forEach((tab, index) => {
      tab.setAttribute("aria-selected", String(index === position));
      tab.tabIndex = index === position ? 0 : -1;
      tab.classList.toggle("ce-done", index <= position);
    });
    const tab = tabs[position];
    if (focused) tab.focus({ preventScroll: true });
    // Only the list of tokens scrolls, never the page.
    const [top, bottom] = [tab.offsetTop - tokens.offsetTop, tab.offsetTop - tokens.offsetTop + tab.offsetHeight];
    if (top < tokens.scrollTop) tokens.scrollTop = top;
    if (bottom > tokens.scrollTop + tokens.clientHeight) tokens.scrollTop = bottom - tokens.clientHeight;
    panel.setAttribute("aria-labelledby", tab.id);
    said.textContent = step.sentence;
    row.replaceChildren(...(step.cells ? cells(step) : position ? [] : unanswered()));
    row.hidden = !row.childElementCount;
    addition.textContent = step.addition ?? "";
    total.textContent = step.sum_text;
    bar.style.width = `${100 * step.share}%`;
    average.textContent = position === last ? `${about.mean} per scored token` : "";
    count.textContent = `step ${position} of ${last}`;
    // Not "disabled": a button that has the keyboard must not lose it.
    previous.ariaDisabled = String(position === 0);
    next.ariaDisabled = String(position === last);
  }

  function pause() {
    clearInterval(timer);
    timer = null;
    play.textContent = play.ariaLabel = "Play";
  }

  function toggle() {
    if (timer !== null) {
      pause();
      return;
    }
    show(position === last ? 0 : position + 1);
    play.textContent = play.ariaLabel = "Pause";
    timer = setInterval(() => {
      if (position < last) show(position + 1);
      if (position === last) pause();
    }, PAUSE);
  }

  function walk(target) {
    pause();
    show(Math.min(Math.max(0, target), last));
  }

  root.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab would take it for a command
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const onControl = event.target.closest(".ce-controls");
    const act = {
      ArrowLeft: () => walk(position - 1),
      ArrowRight: () => walk(position + 1),
      Home: () => walk(0),
      End: () => walk(last),
      // A focused button of the controls is pressed by the space bar, as everywhere.
      " ": onControl ? undefined : toggle,
    }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });

  show(0);
  return pause;
}

export default { render };
