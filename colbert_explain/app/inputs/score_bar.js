// A score as the length of a bar, compared with the best score of the list.
import { element } from "../web/dom.js";

/** Make a bar; `show(share)` takes its length as a share of the best one's, null for none. */
export function scoreBar() {
  const fill = element("span", { className: "ce-score-fill" });
  const node = element("span", { className: "ce-score-bar", ariaHidden: "true" }, fill);
  return {
    node,
    show(share) {
      fill.style.width = `${100 * Math.max(0, share ?? 0)}%`;
    },
  };
}
