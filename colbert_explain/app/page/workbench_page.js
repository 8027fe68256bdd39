// The page of a workbench: its inputs, and what they explain.

import { bind, element, saveFile } from "../web/dom.js";
import { followTheme } from "../web/page_theme.js";
import { pairBus } from "../web/pair_bus.js";
import { withPython } from "../web/python_link.js";
import { inputs } from "../inputs/inputs.js";
import { modelMenu } from "../models/model_menu.js";
import { gridOnBus } from "./grid_on_bus.js";
import { pageFrame } from "./page_frame.js";
import { resultView } from "./result_view.js";

function render({ model, el }) {
  const bus = pairBus();
  const root = element("div", { className: "ce-page ce-workbench-page" });
  const page = {
    root,
    isStale: () => form.isStale,
    async copyPicture() {
      const png = page.picture("png"); // a promise: Safari wants it within the click
      // A page over plain HTTP has no clipboard: then the picture is saved.
      if (!navigator.clipboard?.write) return saveFile(await png, "heatmap.png");
      return await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
    },
    savePage() {
      const isRanking = model.get("result").documents?.length > 1;
      model.send({ event: "save", kind: isRanking ? "ranking_html" : "html" });
    },
  };
  const parts = { model, bus, page };
  const endGrid = gridOnBus(parts);
  const form = inputs(parts);
  const models = modelMenu(parts);
  const view = resultView(parts);

  pageFrame(root, {
    title: "Workbench",
    tools: [form.examples, models.node],
    ends: [form.shareNote, view.present, form.share],
    inputs: [form.queryLine, form.below],
    railName: "Documents",
    rail: form.rail,
    result: view.node,
    foot: view.foot,
  });
  el.append(root);

  /** Dim what belongs to texts other than those in the fields, or is being computed anew. */
  function age() {
    view.age(Boolean(model.get("work").busy) || form.isStale);
  }

  function begin() {
    const { busy = false, status = "" } = model.get("work");
    age();
    view.show(busy ? status || "Reading …" : "Enter a query and a document, or choose an example.");
    // The first screen of the server goes; with fields that are empty or in error there is no result to wait for.
    if (form.isOpening) return;
    if (model.get("result").grid || !busy) window.dispatchEvent(new CustomEvent("ce-page-ready"));
  }

  form.opened.then(begin);
  const off = [form.onChange(age), followTheme(model), bind(model, { "result work problem": begin }), endGrid];
  return () => {
    for (const end of off) end();
    for (const part of [form, models, view]) part.destroy();
  };
}

export default { render: withPython(render, "workbench") };
