// How the collection is searched, when a query counts as found, and what the search is compared with.
import { bind, element, labelled, option } from "../web/dom.js";
import { withinDepth } from "./depth.js";
import { firstStages, secondKinds } from "../collections/second_kinds.js";

/** Make the controls; each change is sent to Python as `audit`. */
export function auditOptions({ model }) {
  const searched = element("select", {});
  const depth = element("select", {});
  const second = element("select", {});
  const node = element(
    "div",
    { className: "ce-audit-options" },
    labelled("First stage", searched),
    labelled("Found", depth),
    labelled("Compare with", second),
  );

  function fill() {
    const { searched: run, k, second: other, depths = [] } = model.get("asked");
    const { open } = model.get("collection");
    const given = Object.fromEntries((model.get("judged").given ?? []).map((one) => [one.role, one.name]));
    node.hidden = !depths.length;
    searched.replaceChildren(
      ...(given.run ? [option("given", `as in the run ${given.run}`)] : []),
      ...firstStages(open).map(([value, text]) => option(value || "exact", text)),
    );
    depth.replaceChildren(...depths.map((one) => option(one, withinDepth(one))));
    second.replaceChildren(
      ...(given.second ? [option("given", `the run ${given.second}`)] : []),
      ...secondKinds(open).map(([value, text]) => option(value, text)),
    );
    searched.value = run ?? "exact";
    depth.value = String(k);
    second.value = other ?? "";
  }

  function send() {
    model.send({
      event: "audit",
      searched: searched.value,
      k: Number(depth.value),
      second: second.value || null,
    });
  }

  for (const select of [searched, depth, second]) select.addEventListener("change", send);
  return { node, destroy: bind(model, { "asked judged collection": fill }) };
}
