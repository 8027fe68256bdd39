// The row at the top of the page: the query, a single document, and the button that explains them.
import { bind, button, delayed, element, freshId } from "../web/dom.js";
import { autoGrow, linesHigh } from "./auto_grow.js";
import { isShort, LONGEST } from "./live.js";

const QUERY_LINES = 4;
const DOCUMENT_LINES = 3;
const SHOWN_AFTER = 350; // milliseconds; work that is done sooner is not announced

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

const WORDS = {
  go: "Explain",
  live: "Explain a short query and document while you type",
  long: `Paused: only a query and one document of at most ${LONGEST} characters in total are explained while you type. Use Explain.`,
  paused: "Paused: answers take longer than 0.5 seconds. Use Explain.",
};

/** Make the row.
 *
 * `actions` are the buttons that stand beside the label of a single document; `words` are those of the last button. */
export function queryLine({ model, typed, live, explain, guardPaste, onDocumentPaste, actions, words = WORDS }) {
  const query = field("query", "Type a query");
  const queryLabel = element("label", { htmlFor: query.id, textContent: "Query" });
  const status = element("span", { className: "ce-query-status", role: "status" });
  const single = field("document", "Type or paste a document, or paste several, one per line; or drop a file here");
  const singleLabel = element("label", { htmlFor: single.id, textContent: "Document" });
  const singleName = element("span", { className: "ce-query-name", dir: "auto" });
  const singleActions = element("span", { className: "ce-query-tools" });
  const singlePart = element(
    "div",
    { className: "ce-query-part ce-query-document" },
    element("div", { className: "ce-query-caption" }, singleLabel, singleName, singleActions),
    single,
  );
  const isLive = element("input", { type: "checkbox", role: "switch" });
  const liveName = element("span");
  const liveSwitch = element("label", { className: "ce-query-live" }, isLive, liveName);
  const act = () => (isCancelling ? model.send({ event: "cancel" }) : explain());
  const go = button(words.go, act, "ce-primary ce-query-go");
  const progress = element("progress", {
    className: "ce-query-progress",
    max: 1,
    hidden: true,
    "aria-label": "Progress",
  });
  const node = element(
    "div",
    { className: "ce-query-line" },
    element(
      "div",
      { className: "ce-query-part ce-query-query" },
      element("div", { className: "ce-query-caption" }, queryLabel, status),
      query,
    ),
    singlePart,
    element("div", { className: "ce-query-go-part" }, liveSwitch, go),
    progress,
  );
  const queryGrow = autoGrow(query, () => linesHigh(query, QUERY_LINES));
  const singleGrow = autoGrow(single, () => linesHigh(single, DOCUMENT_LINES));
  let isCancelling = false;
  // Not anew at each message: those that tell how far work is come more often than this.
  const shownLater = delayed(() => setWork(true), SHOWN_AFTER);

  function field(name, placeholder) {
    return element("textarea", {
      id: freshId(name),
      className: "ce-query-area",
      placeholder,
      rows: 1,
      spellcheck: false,
      dir: "auto",
      autocomplete: "off",
    });
  }

  function put(area, text, grow) {
    if (area.value === text) return;
    area.value = text;
    area.scrollTop = 0;
    grow.fit();
  }

  function fill() {
    put(query, typed.query, queryGrow);
    const isSingle = typed.documents.length === 1;
    singlePart.hidden = !isSingle;
    node.classList.toggle("ce-query-single", isSingle);
    if (!isSingle) return;
    singleActions.append(...actions);
    put(single, typed.documents[0].text, singleGrow);
    singleName.textContent = typed.documents[0].name;
    singleName.title = typed.documents[0].name;
  }

  function showWork() {
    const { busy } = model.get("work") ?? {};
    if (busy && !isCancelling) {
      shownLater.begin();
      return;
    }
    shownLater.callOff();
    setWork(Boolean(busy));
  }

  function setWork(busy) {
    const work = model.get("work") ?? {};
    const hadFocus = document.activeElement === go;
    isCancelling = busy;
    go.textContent = busy ? "Cancel" : words.go;
    go.classList.toggle("ce-primary", !busy);
    go.title = busy ? "Stop this work" : `${words.go} (${isMac ? "⌘" : "Ctrl"}+Enter)`;
    if (hadFocus) go.focus();
    status.textContent = busy || !work.busy ? (work.status ?? "") : "";
    progress.hidden = !busy;
    if (typeof work.progress === "number") progress.value = work.progress;
    else progress.removeAttribute("value");
  }

  function showLive() {
    const isLong = Boolean(words.long) && !isShort(typed);
    const isPaused = live.isOn && (live.isPaused || isLong);
    isLive.checked = live.isOn;
    liveName.textContent = isPaused ? "Live paused" : "Live";
    liveSwitch.classList.toggle("ce-query-paused", isPaused);
    liveSwitch.title = !isPaused ? words.live : isLong ? words.long : words.paused;
  }

  query.addEventListener("input", () => typed.setQuery(query.value));
  single.addEventListener("input", () => typed.setText(typed.documents[0].key, single.value));
  single.addEventListener("paste", (event) => onDocumentPaste(event, typed.documents[0].key));
  query.addEventListener("paste", guardPaste);
  for (const area of [query, single]) area.addEventListener("drop", guardPaste);
  isLive.addEventListener("change", () => {
    live.turn(isLive.checked);
    showLive();
  });

  const offTyped = typed.onChange(() => {
    fill();
    showLive();
  });
  const unbind = bind(model, { work: showWork });
  fill();
  showLive();

  return {
    node,
    showLive,
    focusQuery: () => query.focus(),
    focusDocument: () => single.focus(),
    destroy() {
      shownLater.callOff();
      offTyped();
      unbind();
      queryGrow.destroy();
      singleGrow.destroy();
    },
  };
}
