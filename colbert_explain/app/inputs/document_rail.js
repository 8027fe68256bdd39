// The documents of a ranking: their order, scores and marks, and where their texts are edited.
import { arrowKeys, element, inWords } from "../web/dom.js";
import { railDrawer } from "./rail_drawer.js";
import { railRow } from "./rail_row.js";

const NARROW = 900; // pixels of the page; then the documents are chips in one row
const SHOWN_AFTER = 300; // milliseconds that the keyboard rests on a row

/** Make the rail; it is hidden while there is one document. `actions` are buttons for its head. */
export function documentRail(parts) {
  const { model, bus, typed, answers, actions, guardPaste, onDocumentPaste, onRailPaste, onRemove } = parts;
  const count = element("h2", { className: "ce-rail-title" });
  const note = element("span", { className: "ce-rail-note" });
  const tools = element("span", { className: "ce-rail-actions" });
  const list = element("ul", { className: "ce-rail-list", "aria-label": "Documents" });
  const foot = element("div", { className: "ce-rail-foot" });
  const drawer = railDrawer({
    typed,
    guardPaste,
    onPaste: onDocumentPaste,
    onClose: (key, givesFocus) => givesFocus && rows.get(key)?.main.focus(),
  });
  const node = element(
    "section",
    { className: "ce-rail", "aria-label": "Documents" },
    element("div", { className: "ce-rail-head" }, count, tools, note),
    list,
    foot,
  );
  const rows = new Map();
  let stop = null; // the key of the row that the Tab key reaches
  let asked = null; // the key of the document that was chosen and is not on show yet
  let chooseLater = 0;
  let isNarrow = false;

  function order() {
    const entries = new Map(typed.documents.map((one) => [one.key, answers.entryOf(one.key)]));
    const ranked = typed.documents.filter((one) => entries.get(one.key));
    const others = typed.documents.filter((one) => !entries.get(one.key));
    return [...ranked.sort((a, b) => entries.get(a.key).rank - entries.get(b.key).rank), ...others];
  }

  function update() {
    const isSingle = typed.documents.length === 1;
    node.hidden = isSingle;
    if (isSingle) {
      drawer.close(false);
      return;
    }
    tools.append(...actions);
    const ordered = order();
    const known = new Set(ordered.map((one) => one.key));
    for (const key of rows.keys()) if (!known.has(key)) rows.delete(key);
    if (drawer.key !== null && !known.has(drawer.key)) drawer.close(false);
    for (const one of ordered) if (!rows.has(one.key)) rows.set(one.key, newRow(one.key));
    const wanted = ordered.map((one) => rows.get(one.key).node);
    // Moving a node takes the focus from it, so they stay where their order is right.
    if (wanted.length !== list.children.length || wanted.some((row, index) => list.children[index] !== row)) {
      const focused = node.contains(document.activeElement) ? document.activeElement : null;
      list.replaceChildren(...wanted);
      if (focused?.isConnected) focused.focus();
    }
    if (!known.has(stop)) stop = known.has(shownKey()) ? shownKey() : ordered[0].key;
    const names = typed.names();
    for (const one of ordered) showRow(one, names[typed.indexOf(one.key)]);
    count.textContent = `${inWords(ordered.length)} documents`;
    note.textContent = answers.isQueryChanged ? "Scores are for the previous query" : "";
    drawer.show();
    light();
  }

  const shownKey = () => asked ?? answers.shownKey;

  function showRow(one, name) {
    const row = rows.get(one.key);
    row.setStop(one.key === stop);
    row.show({
      name,
      isNamed: one.name !== "",
      text: one.text,
      state: answers.stateOf(one.key),
      entry: answers.entryOf(one.key),
      reason: answers.reasonOf(one.key),
      isShown: one.key === shownKey(),
      isQueryChanged: answers.isQueryChanged,
    });
  }

  function newRow(key) {
    return railRow({
      choose: () => choose(key),
      edit: () => edit(key),
      remove: () => remove(key),
      point: (mark) => bus.point(mark === null ? null : pairOfMark(mark)),
      keydown: (event) => onKey(event, key),
    });
  }

  /** Move the stop of the Tab key, and the focus, to a row. */
  function moveTo(key) {
    rows.get(stop)?.setStop(false);
    stop = key;
    rows.get(key).setStop(true);
    rows.get(key).main.focus();
    rows.get(key).node.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function choose(key) {
    clearTimeout(chooseLater);
    if (key !== stop) moveTo(key);
    const entry = answers.entryOf(key);
    if (entry === null) return answers.reasonOf(key) ? undefined : edit(key);
    if (key === shownKey()) return undefined;
    asked = key;
    update();
    return model.send({ event: "choose", position: entry.position });
  }

  function edit(key, focusesName = false) {
    if (drawer.key === key) return drawer.close();
    if (key !== stop) moveTo(key);
    placeDrawer(key);
    drawer.open(key, focusesName);
    drawer.node.scrollIntoView({ block: "nearest" });
  }

  function placeDrawer(key) {
    if (isNarrow) list.after(drawer.node);
    else rows.get(key)?.node.append(drawer.node);
  }

  function remove(key) {
    const ordered = order();
    const index = ordered.findIndex((one) => one.key === key);
    const next = ordered[index + 1] ?? ordered[index - 1];
    const wasShown = key === shownKey();
    const hadFocus = node.contains(document.activeElement);
    onRemove(key);
    if (!next || node.hidden) return;
    if (hadFocus) moveTo(next.key);
    if (wasShown && answers.entryOf(next.key)) choose(next.key);
  }

  function onKey(event, key) {
    const keys = order().map((one) => one.key);
    const moved = arrowKeys(event, keys.indexOf(key), keys.length, (to) => {
      moveTo(keys[to]);
      clearTimeout(chooseLater);
      if (answers.entryOf(keys[to])) chooseLater = setTimeout(() => choose(keys[to]), SHOWN_AFTER);
    });
    if (moved || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === "F2") edit(key, event.key === "F2");
    else if (event.key === "Delete" || event.key === "Backspace") remove(key);
    else return;
    event.preventDefault();
  }

  // Marks are words in the order of the query; the rows of the grid may have another order.
  function rowsOfMarks() {
    const scored = [...bus.rows.keys()].filter((row) => bus.rows[row].scored);
    return scored.sort((a, b) => bus.rows[a].tokens[0] - bus.rows[b].tokens[0]);
  }

  function marksAreRows() {
    return rowsOfMarks().length === (answers.result.documents?.[0]?.marks.length ?? -1);
  }

  function pairOfMark(mark) {
    return marksAreRows() ? bus.pairOfRow(rowsOfMarks()[mark]) : null;
  }

  function light() {
    const row = bus.shown?.row;
    const mark = row === undefined || !marksAreRows() ? -1 : rowsOfMarks().indexOf(row);
    for (const one of rows.values()) one.light(mark < 0 ? null : mark);
  }

  const page = () => node.closest(".ce-page") ?? document.documentElement;
  const observer = new ResizeObserver(() => {
    const wasNarrow = isNarrow;
    isNarrow = page().clientWidth <= NARROW;
    if (isNarrow === wasNarrow) return;
    node.classList.toggle("ce-rail-narrow", isNarrow);
    if (drawer.key !== null) placeDrawer(drawer.key);
  });
  const attached = setTimeout(() => observer.observe(page()), 0);

  node.addEventListener("paste", onRailPaste);
  const offTyped = typed.onChange(update);
  const offAnswers = answers.onChange(() => {
    asked = null;
    update();
    if (!node.hidden) rows.get(answers.shownKey)?.node.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  const offBus = bus.onChange(light);
  update();

  return {
    node,
    edit,
    focus: () => rows.get(stop)?.main.focus(),
    /** Where sentences about documents stand while the rail is on show. */
    foot,
    destroy() {
      clearTimeout(chooseLater);
      clearTimeout(attached);
      observer.disconnect();
      offTyped();
      offAnswers();
      offBus();
      drawer.destroy();
    },
  };
}
