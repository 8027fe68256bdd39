// Everything that a reader puts in, wired together: the page places the nodes that come back.
import { button, element, keepKeys } from "../web/dom.js";
import { isSame } from "../web/pair_bus.js";
import { answeredTexts } from "./answered_texts.js";
import { documentRail } from "./document_rail.js";
import { browserStorage, draft } from "./draft.js";
import { examplesMenu } from "./examples_menu.js";
import { fileOpener } from "./file_opener.js";
import { liveSwitch } from "./live_switch.js";
import { marksOf, markAgain } from "./marks.js";
import { notice } from "./notice.js";
import { pasting } from "./pasting.js";
import { pageAddress } from "./page_address.js";
import { queryLine } from "./query_line.js";
import { shareMenu } from "./share_menu.js";
import { countAll, problemOf, sizeProblem, tooManyDocuments } from "./size_limits.js";
import { typedTexts } from "./typed_texts.js";

/** Make the inputs of a page.
 *
 * `page` may have `copyPicture()`, `savePage()`, `announce(text)`, and says where texts are kept: `draftName` (a name
 * that is the same after a reload; null keeps no drafts) and `ownsAddress` (whether the address may be changed).
 * Without them a dashboard keeps both and a notebook neither. */
export function inputs({ model, bus, page = {} }) {
  const isDashboard = "voila" in document.body.dataset;
  const ownsAddress = page.ownsAddress ?? isDashboard;
  const draftName = page.draftName === undefined ? (isDashboard ? location.pathname : null) : page.draftName;
  const typed = typedTexts();
  const answers = answeredTexts(typed);
  let isQueryNew = false; // whether the query has changed since something was last said
  const said = notice({ onSay: () => (isQueryNew = false), onDone: focusDocuments });
  const problem = element("p", { className: "ce-problem ce-inputs-problem", role: "alert" });
  const below = element("div", { className: "ce-inputs-below" });
  const limits = () => model.get("limits");
  let requests = 0;
  let ownVersion = null; // of the texts that Python put in last
  let isOwn = false; // whether the reader has put in anything
  let isLoading = false; // texts that the reader did not type
  let wantedShown = null; // the place of the document to show once the answer is here; null for the best
  let wantedMarks = null; // what to mark in the answer to a request: { request, marks }
  let opening = true; // until what the page opens with is known, then the request for it; null once it is there
  let knownPin = null; // the pinned pair that the address holds

  function complain(sentence) {
    problem.textContent = sentence;
    if (sentence && opening !== true) opening = null;
  }

  function explain({ live: isLive = false } = {}) {
    const found = problemOf(typed, limits());
    if (found) {
      if (!isLive) {
        complain(found);
        if (!typed.query.trim()) line.focusQuery();
      }
      return false;
    }
    const names = typed.names();
    const written = typed.documents.filter((one) => one.text.trim());
    const documents = written.map((one) => [names[typed.indexOf(one.key)], one.text]);
    const message = { event: "explain", request: ++requests, query: typed.query, documents, live: isLive };
    const tooLarge = sizeProblem(0, new TextEncoder().encode(JSON.stringify(message)).length, limits());
    if (tooLarge) {
      complain(tooLarge);
      return false;
    }
    complain("");
    if (isQueryNew) said.pass();
    answers.sent(message.request, written);
    live.sent();
    model.send(message);
    return true;
  }

  const live = liveSwitch({ texts: () => typed, explain: () => !paste.isAsking && explain({ live: true }) });

  /** Whether a document is an example, or what the page opened with. */
  function isGiven(text) {
    const isExample = (model.get("samples") ?? []).some((one) => one.document === text);
    return isExample || (model.get("texts")?.documents ?? []).some((one) => one.text === text);
  }

  /** How much still fits beside what is kept. */
  function room(keepsDocuments) {
    const kept = keepsDocuments && !typed.isEmpty() ? typed.documents : [];
    return {
      documents: Math.max(limits().documents - kept.length, 0),
      characters: limits().text - countAll({ query: typed.query, documents: kept }),
    };
  }

  function explainIfAsked() {
    if (typed.query.trim()) explain();
    else line.focusQuery();
  }

  /** Whether the query is one of an example, which nobody has typed. */
  const isQueryGiven = () => (model.get("samples") ?? []).some((one) => one.query === typed.query);

  function use(documents, sentence, explains = true) {
    const undo = typed.replace(documents);
    said.say(`${sentence}${isQueryGiven() ? " The query is still that of the example." : ""}`, () => {
      undo();
      explainIfAsked();
    });
    if (explains) explainIfAsked();
  }

  function add(documents, sentence, explains = true) {
    const first = typed.add(documents);
    const keys = typed.documents.slice(typed.indexOf(first.key)).map((one) => one.key);
    said.say(sentence, () => {
      for (const key of keys) typed.remove(key);
    });
    if (explains) explainIfAsked();
  }

  function addEmpty() {
    const problemThere = tooManyDocuments(typed.documents.length + 1, limits());
    if (problemThere) return complain(problemThere);
    complain("");
    const { key } = typed.add([{ name: "", text: "" }]);
    return rail.edit(key);
  }

  /** Where the keyboard goes on after a button that is gone. */
  function focusDocuments() {
    if (typed.documents.length > 1) rail.focus();
    else line.focusDocument();
  }

  function remove(key) {
    const index = typed.indexOf(key);
    const name = typed.names()[index];
    said.say(`Removed “${name}”.`, typed.remove(key));
    if (typed.documents.length === 1) line.focusDocument();
  }

  const opener = fileOpener({
    model,
    typed,
    room,
    complain,
    say: said.say,
    onText(document, { isNext, isLast, said: sentence }) {
      // The field of a single document takes the file; otherwise the file is one more document.
      if (typed.documents.length === 1 && !isNext) use([document], sentence, isLast);
      else add([document], sentence, isLast);
    },
    onDocuments(documents, mode, sentence) {
      if (mode === "replace") use(documents, sentence);
      else add(documents, sentence);
    },
    onExplanation({ name, query, document }) {
      typed.load({ query, documents: [{ name: "", text: document }] });
      answers.sent(null);
      said.say(`${name} is open: a saved explanation.`);
    },
  });
  const paste = pasting({
    typed,
    limits,
    room,
    complain,
    use,
    add,
    isGiven,
    onKeep: live.typed,
    onDone: focusDocuments,
  });
  const newDocument = button("Add document", addEmpty);
  newDocument.title = "Compare several documents for the query";
  const actions = [newDocument, opener.button];
  const line = queryLine({
    model,
    typed,
    live,
    explain,
    guardPaste: paste.guard,
    onDocumentPaste: paste.intoDocument,
    actions,
  });
  const rail = documentRail({
    model,
    bus,
    typed,
    answers,
    actions,
    guardPaste: paste.guard,
    onDocumentPaste: paste.intoDocument,
    onRailPaste: paste.intoRail,
    onRemove: remove,
  });
  const address = pageAddress({ limits, ownsAddress, complain, onTexts: open });
  const load = (texts) => {
    said.say("");
    complain("");
    typed.load(texts);
  };
  const examples = examplesMenu({ model, typed, explain, load });
  const share = shareMenu({ model, page, shared, say: said.say, complain, hasAddress: ownsAddress });
  const kept =
    draftName === null
      ? null
      : draft({
          storage: browserStorage("sessionStorage"),
          name: draftName,
          texts: () => typed,
          options: () => model.get("options"),
          shown: placeShown,
          marks: marksShown,
        });

  /** The place of the document on show; null for the best one, which is shown in any case. */
  function placeShown() {
    const key = answers.shownKey;
    return (answers.entryOf(key)?.rank ?? 1) > 1 ? typed.indexOf(key) : null;
  }

  /** What is marked in the result on show, where it is of the texts in the fields; a link or draft not done counts. */
  function marksShown() {
    if (wantedMarks?.request === requests) return wantedMarks.marks;
    return answers.isStale ? {} : marksOf({ model, bus });
  }

  /** What a link holds: the texts in the fields, and the view on show. */
  function shared() {
    return { texts: typed.copy(), options: model.get("options"), shown: placeShown(), marks: marksShown() };
  }

  /** Put in texts from a link or a draft, with their view, and explain them. */
  function open({ texts, options, shown, marks }) {
    const before = isOwn && !typed.isEmpty() ? typed.copy() : null;
    load(texts);
    if (before) said.say("The texts from the link were loaded.", () => typed.load(before));
    wantedShown = shown;
    if (JSON.stringify(model.get("options")) !== JSON.stringify(options)) {
      model.set("options", options);
      model.save_changes();
    }
    const isAsked = texts.query.trim() && !typed.isEmpty() && explain();
    wantedMarks = isAsked ? { request: requests, marks } : null;
  }

  function putTexts() {
    const texts = model.get("texts") ?? {};
    if (texts.version === undefined || texts.version === ownVersion) return;
    ownVersion = texts.version;
    isLoading = true;
    load({ query: texts.query, documents: texts.documents });
    isLoading = false;
    isOwn = false;
    answers.sent(null);
  }

  function takeResult() {
    const result = model.get("result") ?? {};
    answers.take(result);
    if (result.request !== undefined && result.request === opening) opening = null;
    if (result.request === undefined || result.request === requests) live.answered();
    line.showLive();
    const shown = wantedShown === null ? undefined : typed.documents[wantedShown];
    const entry = shown ? answers.entryOf(shown.key) : null;
    const isOther = entry && entry.position !== result.position;
    if (isOther) model.send({ event: "choose", position: entry.position });
    if (entry) wantedShown = null;
    if (!isOther && wantedMarks && result.request === wantedMarks.request) {
      markAgain(wantedMarks.marks, { model, bus });
      wantedMarks = null;
    }
    follow();
  }

  /** Let address and draft follow what is on show. */
  function follow() {
    if (!isOwn) return;
    if (!answers.isStale) address.show(shared());
    kept?.changed();
  }

  function followPin() {
    if (isSame(bus.pinned, knownPin)) return;
    knownPin = bus.pinned;
    follow();
  }

  function placeParts() {
    const place = typed.documents.length === 1 ? below : rail.foot;
    if (said.node.parentNode !== place) place.append(said.node);
  }

  const changes = {
    "change:texts": putTexts,
    "change:result": takeResult,
    "change:problem": () => complain(model.get("problem") ?? ""),
    "change:work": () => (model.get("work")?.busy ? live.started() : live.ended()),
    "change:options": () => kept?.changed(),
    "change:what_if": follow,
  };
  const offPin = bus.onChange(followPin);
  const offTyped = typed.onChange((what) => {
    if (what === "query") isQueryNew = true;
    else said.pass();
    if (what === "query" || what === "text") {
      complain("");
      live.typed();
    }
    placeParts();
    if (isLoading) return;
    isOwn = true;
    kept?.changed();
  });

  function onKey(event) {
    event.stopPropagation(); // JupyterLab would run the cell
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    // A name that is being typed counts.
    const field = event.target;
    field.blur();
    field.focus();
    explain();
  }

  for (const node of [line.node, rail.node]) {
    node.addEventListener("keydown", onKey);
    opener.dropOn(node);
  }
  for (const node of [below, examples.node, share.node]) keepKeys(node);
  below.append(problem, paste.node, ...opener.nodes);
  putTexts();
  takeResult();
  complain(model.get("problem") ?? "");
  for (const [name, act] of Object.entries(changes)) model.on(name, act);
  placeParts();
  const offGone = model.whenGone?.((gone) => gone && complain(""));
  const opened = address.read().then((isFound) => {
    const found = isFound ? null : kept?.read();
    if (found && !isOwn) open(found);
    opening = wantedMarks?.request ?? null;
  });

  return {
    /** The row at the top. */
    queryLine: line.node,
    /** What stands beneath the row: problems, previews of pasted texts and tables, notices. */
    below,
    /** The list of documents, hidden while there is one. */
    rail: rail.node,
    examples: examples.node,
    share: share.node,
    /** What was copied to be shared, for some seconds. */
    shareNote: share.note,
    explain,
    /** Resolves when a link or a draft has been read. */
    opened,
    /** Whether a link or a draft is being read, or its texts wait for their answer. */
    get isOpening() {
      return opening !== null;
    },
    texts: () => typed.copy(),
    /** Whether the picture on show is of texts other than those in the fields. */
    get isStale() {
      return answers.isStale;
    },
    /** Call `act` whenever texts or answers change; return what ends that. */
    onChange(act) {
      const offs = [typed.onChange(act), answers.onChange(act)];
      return () => {
        for (const off of offs) off();
      };
    },
    destroy() {
      for (const [name, act] of Object.entries(changes)) model.off(name, act);
      offTyped();
      offPin();
      offGone?.();
      live.destroy();
      kept?.destroy();
      for (const part of [line, rail, opener, examples, share, address]) part.destroy();
    },
  };
}
