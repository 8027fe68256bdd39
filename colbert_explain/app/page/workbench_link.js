// The link that opens the hit on show in the workbench, with the query.
import { bind, element } from "../web/dom.js";
import { linkOf } from "../inputs/share_link.js";

/** Make the link; it is hidden in a notebook, which has no workbench beside it. */
export function workbenchLink({ model }) {
  const node = element("a", {
    className: "ce-workbench-link",
    target: "_blank",
    rel: "noopener",
    textContent: "Open in the workbench",
  });
  const isDashboard = "voila" in document.body.dataset;
  let turn = 0;

  async function show() {
    const { query, document: text, name, grid } = model.get("result");
    node.hidden = !isDashboard || !grid;
    if (node.hidden) return;
    const own = ++turn;
    const { fragment, problem = "" } = await linkOf({ query, documents: [{ name, text }] }, model.get("options"), 0);
    if (own !== turn) return;
    if (fragment) node.href = new URL(`workbench.ipynb${fragment}`, location.href).href;
    else node.removeAttribute("href");
    node.title = problem && "This text is too long for a link.";
  }

  return { node, destroy: bind(model, { "result options": show }) };
}
