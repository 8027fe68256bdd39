// The left end of a page's header: in a dashboard the way to the index page, elsewhere the name of the package.

import { element } from "./dom.js";

/** Make the link, or the name. */
export function homeLink(className) {
  if (!("voila" in document.body.dataset)) return element("span", { className, textContent: "colbert_explain" });
  const settings = document.getElementById("jupyter-config-data");
  const href = settings ? JSON.parse(settings.textContent).baseUrl : "/";
  return element("a", { className, href, textContent: "All lessons" });
}
