// The name of the package in the header of a page; in a dashboard it leads to the index page.

import { element } from "./dom.js";

/** Make the link; outside a dashboard it is plain text. */
export function homeLink(className) {
  const textContent = "colbert_explain";
  if (!("voila" in document.body.dataset)) return element("span", { className, textContent });
  const settings = document.getElementById("jupyter-config-data");
  return element("a", { className, textContent, href: settings ? JSON.parse(settings.textContent).baseUrl : "/" });
}
