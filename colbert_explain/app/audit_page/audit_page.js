// The page of an audit: its parts, where they stand, and what they share.
import { bind, element } from "../web/dom.js";
import { followTheme } from "../web/page_theme.js";
import { pairBus } from "../web/pair_bus.js";
import { withPython } from "../web/python_link.js";
import { collectionMenu } from "../collections/collection_menu.js";
import { menu } from "../inputs/menu.js";
import { modelMenu } from "../models/model_menu.js";
import { gridOnBus } from "../page/grid_on_bus.js";
import { pageFrame } from "../page/page_frame.js";
import { resultView } from "../page/result_view.js";
import { workbenchLink } from "../page/workbench_link.js";
import { auditOptions } from "./audit_options.js";
import { causeBars } from "./cause_bars.js";
import { chosenQuery } from "./chosen_query.js";
import { judgmentsMenu } from "./judgments_menu.js";
import { measuresLine } from "./measures_line.js";
import { queryChanges } from "./query_changes.js";
import { queryList } from "./query_list.js";
import { twoRuns } from "./two_runs.js";

const FILES = [
  ["audit_csv", "Table of queries (CSV)", "ranks, scores, causes, sentences"],
  ["audit_json", "Data (JSON)", "the same, with a summary"],
  ["audit_run", "Run (TREC)", "ids and scores, for evaluation programs"],
  ["audit_page", "Page (HTML)", "opens anywhere without a network"],
  ["comparison_csv", "Differences of two runs (CSV)", "a row for each query"],
];

function render({ model, el }) {
  const bus = pairBus();
  const root = element("div", { className: "ce-page ce-audit-page" });
  const page = { root };
  const parts = { model, bus, page };

  const endGrid = gridOnBus(parts);
  const problem = element("p", { className: "ce-problem", role: "alert" });
  const collections = collectionMenu({
    model,
    takesAny: true,
    dropWords:
      "Your own texts, queries, judgments and runs (results of a search): drop files anywhere on this page, or",
  });
  const judged = judgmentsMenu(parts);
  const models = modelMenu(parts);
  const options = auditOptions(parts);
  const measures = measuresLine(parts);
  const list = queryList(parts);
  const causes = causeBars({ model, onFilter: list.filter });
  const chosen = chosenQuery(parts);
  const changes = queryChanges(parts);
  const open = workbenchLink(parts);
  const runs = twoRuns(parts);
  const about = element("div", { className: "ce-not-presented" }, chosen.node, changes.node, chosen.title);
  const view = resultView({ ...parts, about: [about] });
  const save = menu({
    label: "Save",
    title: "Save the audit as a file",
    items: () =>
      FILES.filter(([kind]) => kind !== "comparison_csv" || model.get("comparison").measures).map(
        ([kind, label, note]) => ({ label, note, act: () => model.send({ event: "save_audit", kind }) }),
      ),
  });
  chosen.sides.append(open.node);
  pageFrame(root, {
    title: "Where does my search fail?",
    tools: [collections.node, judged.node, models.node],
    ends: [view.present, save.node],
    inputs: [collections.bar, judged.bar, options.node, problem, measures.node],
    railName: "Queries",
    rail: element("div", { className: "ce-audit-rail" }, causes.node, list.node),
    result: view.node,
    foot: [element("div", { className: "ce-not-presented" }, runs.node), ...view.foot],
  });
  el.append(root);
  judged.dropOn(root);

  function begin() {
    const [work, audit] = [model.get("work"), model.get("auditing")];
    const [collection, { missing }] = [model.get("collection"), model.get("judged")];
    const isWorking = work.busy || audit.busy || collection.busy;
    const waits = isWorking
      ? work.status || audit.status || collection.status || "Opening …"
      : missing || audit.status || (audit.problem || collection.problem ? "" : nextStep(collection));
    list.node.parentElement.hidden = !model.get("audit").rows;
    view.show(waits);
    if (model.get("result").grid || model.get("audit").rows || missing) {
      window.dispatchEvent(new CustomEvent("ce-page-ready"));
    }
  }

  function nextStep({ offer }) {
    if (model.get("audit").rows) return "Choose a query.";
    return offer ? "The queries are run once the documents are indexed." : "";
  }

  const off = [
    followTheme(model),
    bind(model, {
      "result audit auditing collection judged": begin,
      problem: () => (problem.textContent = model.get("problem")),
      work() {
        view.age(Boolean(model.get("work").busy));
        begin();
      },
    }),
    endGrid,
  ];
  return () => {
    for (const end of off) end();
    for (const part of [
      ...[collections, judged, models, options, measures, list, causes],
      ...[chosen, changes, open, runs, view, save],
    ]) {
      part.destroy();
    }
  };
}

export default { render: withPython(render, "page") };
