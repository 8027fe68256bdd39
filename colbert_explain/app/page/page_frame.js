// The frame of a page: a header, the inputs, a rail beside the result, and what stands below.

import { element } from "../web/dom.js";
import { homeLink } from "../web/home_link.js";

/** Fill `root`. `tools` stand at the left of the header, `ends` at its right; `rail` is hidden where its node is. */
export function pageFrame(root, { title, tools, ends, inputs, railName, rail, result, foot }) {
  root.append(
    element(
      "header",
      { className: "ce-page-header ce-not-presented" },
      homeLink("ce-page-home"),
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
