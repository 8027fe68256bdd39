// The page of a search: its parts, where they stand, and what they share.
import { bind, element } from "../web/dom.js";
import { followTheme } from "../web/page_theme.js";
import { pairBus } from "../web/pair_bus.js";
import { withPython } from "../web/python_link.js";
import { collectionMenu } from "../collections/collection_menu.js";
import { liveSwitch } from "../inputs/live_switch.js";
import { menu } from "../inputs/menu.js";
import { queryLine } from "../inputs/query_line.js";
import { modelMenu } from "../models/model_menu.js";
import { gridOnBus } from "../page/grid_on_bus.js";
import { pageFrame } from "../page/page_frame.js";
import { resultView } from "../page/result_view.js";
import { workbenchLink } from "../page/workbench_link.js";
import { against } from "./against.js";
import { hitsRail } from "./hits_rail.js";
import { searchOptions } from "./search_options.js";
import { secondPanel } from "./second_panel.js";
import { typedQuery } from "./typed_query.js";

const FIRST_HITS = 10;
const MORE_HITS = 10;
const LONGEST_IN_ADDRESS = 2000; // characters of a query
const FILES = [
  ["hits_csv", "Table (CSV)", "a row for each hit"],
  ["hits_json", "Data (JSON)", "with texts, metadata and what each word adds"],
  ["hits_run", "Run (TREC)", "ids and scores, for evaluation programs"],
  ["hits_page", "Page (HTML)", "opens anywhere without a network"],
];
const WORDS = {
  go: "Search",
  live: "Search while you type",
  paused: "Answers take longer than 0.5 seconds, so nothing is searched while you type. Use Search.",
};

function render({ model, el }) {
  const bus = pairBus();
  const root = element("div", { className: "ce-page ce-search-page" });
  const typed = typedQuery();
  const page = { root, isStale };
  const parts = { model, bus, page };
  let k = FIRST_HITS;
  let requests = 0;
  let wasBusy = false;
  const ownsAddress = "voila" in document.body.dataset;
  let isAwaited = false; // hits of a search that has begun
  let ownVersion = null; // of the query that Python put in last

  const endGrid = gridOnBus(parts);
  const problem = element("p", { className: "ce-problem", role: "alert" });
  const live = liveSwitch({
    texts: () => ({ query: typed.query, documents: [{ text: typed.query }] }),
    explain: () => search({ live: true }),
  });
  const line = queryLine({
    model,
    typed,
    live,
    explain: () => search(),
    guardPaste: () => {},
    onDocumentPaste: () => {},
    actions: [],
    words: WORDS,
  });
  const options = searchOptions({ model, onChange: () => search() });
  const collections = collectionMenu({ model });
  const models = modelMenu(parts);
  const rail = hitsRail({ model, bus, more: () => search({ hits: k + MORE_HITS }) });
  const other = against(parts);
  const open = workbenchLink(parts);
  const second = secondPanel(parts);
  const about = element("div", { className: "ce-result-about ce-not-presented" }, other.node, open.node);
  const view = resultView({ ...parts, about: [about] });
  const examples = menu({ label: "Queries", title: "Queries of the sample", items: exampleItems });
  const save = menu({
    label: "Save hits",
    title: "Save the ranking as a file",
    items: () =>
      FILES.map(([kind, label, note]) => ({ label, note, act: () => model.send({ event: "save_hits", kind }) })),
  });
  pageFrame(root, {
    title: "Search a collection",
    tools: [collections.node, examples.node, models.node],
    ends: [view.present, save.node],
    inputs: [collections.bar, line.node, problem, options.node],
    railName: "Hits",
    rail: rail.node,
    result: view.node,
    foot: [element("div", { className: "ce-not-presented" }, second.node), ...view.foot],
  });
  el.append(root);
  collections.dropOn(root);

  function search({ live: isLive = false, hits = FIRST_HITS } = {}) {
    if (!typed.query.trim()) {
      if (!isLive) {
        problem.textContent = "Type a query.";
        line.focusQuery();
      }
      return false;
    }
    k = hits;
    problem.textContent = "";
    requests += 1;
    isAwaited = true;
    live.sent();
    model.send({ event: "search", query: typed.query, ...options.chosen(), k, live: isLive, request: requests });
    return true;
  }

  function exampleItems() {
    return model.get("queries").map(({ query }) => ({
      label: query,
      isChosen: query === typed.query,
      act() {
        typed.load(query);
        search();
      },
    }));
  }

  /** Whether the field holds a query other than the one that was searched for. */
  function isStale() {
    return Boolean(model.get("result").grid) && typed.query.trim() !== (model.get("hits").query ?? "").trim();
  }

  /** Whether the last search has found nothing to show: what is on show was found before. */
  function hasFailed() {
    return Boolean(model.get("problem")) && model.get("hits").request !== requests;
  }

  /** Dim what belongs to a search other than the one in the fields, or is being searched for anew. */
  function age() {
    const areOld = isAwaited || isStale() || hasFailed();
    root.classList.toggle("ce-hits-old", areOld);
    view.age(areOld || model.get("result").request !== model.get("hits").request); // the picture comes after the hits
  }

  function begin() {
    const [work, collection] = [model.get("work"), model.get("collection")];
    const isWorking = work.busy || collection.busy;
    examples.node.hidden = collection.open?.kind !== "sample";
    view.show(isWorking ? work.status || collection.status || "Opening …" : "Type a query.");
    if (model.get("result").grid) window.dispatchEvent(new CustomEvent("ce-page-ready"));
  }

  function answered() {
    isAwaited = false;
    if (model.get("hits").request === requests) live.answered();
    line.showLive();
    k = model.get("hits").k ?? k;
    if (requests) writeAddress(); // the reader has searched
    age();
  }

  function takeAsked() {
    const { version, query = "" } = model.get("asked");
    if (version === undefined || version === ownVersion) return;
    const isFirst = ownVersion === null;
    ownVersion = version;
    typed.load(query);
    if (isFirst) readAddress();
  }

  /** Search for what the address holds, as a link or a reload of the page brings it. */
  function readAddress() {
    const query = ownsAddress && new URLSearchParams(location.hash.slice(1)).get("q");
    if (!query || query === typed.query) return;
    typed.load(query);
    search();
  }

  function writeAddress() {
    const { query } = model.get("hits");
    if (!ownsAddress || !query || query.length > LONGEST_IN_ADDRESS) return;
    try {
      history.replaceState(history.state, "", `${location.pathname}${location.search}#q=${encodeURIComponent(query)}`);
    } catch {
      // Browsers allow so many changes in a minute; the next one counts.
    }
  }

  function onKey(event) {
    event.stopPropagation(); // JupyterLab would run the cell
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.target.tagName !== "TEXTAREA") return;
    event.preventDefault();
    search();
  }

  line.node.addEventListener("keydown", onKey);
  options.node.addEventListener("keydown", (event) => event.stopPropagation());
  addEventListener("hashchange", readAddress);
  const off = [
    () => removeEventListener("hashchange", readAddress),
    followTheme(model),
    typed.onChange((what) => {
      problem.textContent = "";
      if (what === "query") live.typed();
      age();
    }),
    bind(model, {
      asked: takeAsked,
      result() {
        begin();
        age();
      },
      hits: answered,
      collection: begin,
      problem() {
        problem.textContent = model.get("problem");
        age();
      },
      work() {
        const isBusy = Boolean(model.get("work").busy);
        if (isBusy !== wasBusy) isAwaited = wasBusy = isBusy;
        if (isBusy) live.started();
        else live.ended();
        age();
        begin();
      },
    }),
    endGrid,
  ];
  return () => {
    for (const end of off) end();
    live.destroy();
    for (const part of [line, options, collections, models, rail, other, open, second, view, examples, save]) {
      part.destroy();
    }
  };
}

export default { render: withPython(render, "page") };
