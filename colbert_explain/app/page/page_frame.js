// The frame of a page: a header, the inputs, a rail beside the result, and what stands below.

import { element } from "../web/dom.js";

/** Fill `root`. `tools` stand at the left of the header, `ends` at its right; `rail` is hidden where its node is. */
export function pageFrame(root, { title, tools, ends, inputs, railName, rail, result, foot }) {
  root.append(
    element(
      "header",
      { className: "ce-page-header ce-not-presented" },
      homeLink(),
      element("h1", { textContent: title }),
      ...tools,
      element("span", { className: "ce-page-space" }),
      ...ends,
    ),
    element("div", { className: "ce-page-inputs ce-not-presented" }, ...inputs),
    element(
      "div",
      { className: "ce-page-main" },
      element("aside", { className: "ce-page-rail ce-not-presented", ariaLabel: railName }, rail),
      result,
    ),
    ...foot,
  );
}

/** The left end of the header: in a dashboard the way to the index page, elsewhere the name of the package. */
function homeLink() {
  const className = "ce-page-home";
  if (!("voila" in document.body.dataset)) return element("span", { className, textContent: "colbert_explain" });
  const settings = document.getElementById("jupyter-config-data");
  const href = settings ? JSON.parse(settings.textContent).baseUrl : "/";
  return element("a", { className, href, textContent: "All lessons" });
}
