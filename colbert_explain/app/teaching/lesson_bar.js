// The bar of a lesson: a dot for each exercise, filled when it is answered; a button that makes all of them new, and
// one that enlarges the lesson, until the tab is closed. Exercises keep what was answered; this script notes the visit.

import { element } from "../web/dom.js";
import { ANSWERS, keep, kept, onKept, PROGRESS } from "./lesson_storage.js";

{
  const nav = document.querySelector(".ce-lesson-nav");
  const clear = nav.querySelector(".ce-lesson-nav-clear");

  const draw = () => {
    const { answered = 0, of = 0 } = kept(PROGRESS);
    const place = nav.querySelector(".ce-lesson-nav-progress");
    const dots = Array.from({ length: of }, (_, number) => {
      const dot = element("span", { className: "ce-lesson-nav-dot", ariaHidden: "true" });
      dot.toggleAttribute("data-done", number < answered);
      return dot;
    });
    const count = element("span", { className: "ce-lesson-nav-count", textContent: of ? `${answered}/${of}` : "" });
    place.title = of ? `${answered} of ${of} exercises answered` : "";
    place.replaceChildren(...dots, count);
    clear.hidden = answered === 0 && Object.keys(kept(ANSWERS)).length === 0;
  };

  clear.addEventListener("click", () => {
    // As late as possible: until the page is gone, its exercises may still note what was answered.
    window.addEventListener("pagehide", () => {
      keep(ANSWERS, () => ({}));
      keep(PROGRESS, (before) => ({ ...before, answered: 0 }));
    });
    window.location.reload();
  });

  const large = nav.querySelector(".ce-lesson-nav-large");
  const largeKey = "colbert_explain.large";
  const enlarge = (isLarge) => {
    document.documentElement.toggleAttribute("data-ce-large", isLarge);
    large.ariaPressed = String(isLarge);
  };
  large.addEventListener("click", () => {
    const isLarge = large.ariaPressed === "false";
    // What the reader sees below the bar stays there.
    const top = nav.offsetHeight;
    const cells = [...document.querySelectorAll("[cell-index], [data-cell]")];
    const isBelow = (cell) => cell.getBoundingClientRect().bottom > top;
    const seen = window.scrollY > 0 ? cells.find(isBelow) : null;
    const before = seen?.getBoundingClientRect();
    enlarge(isLarge);
    if (seen) {
      const after = seen.getBoundingClientRect();
      const share = Math.max(0, top - before.top) / before.height;
      window.scrollBy({ top: after.top - Math.max(top, before.top) + share * after.height, behavior: "instant" });
    }
    try {
      sessionStorage.setItem(largeKey, String(isLarge));
    } catch {
      /* it counts for this page only */
    }
  });
  try {
    enlarge(sessionStorage.getItem(largeKey) === "true");
  } catch {
    /* no storage */
  }

  keep(PROGRESS, (before) => ({ answered: 0, of: 0, ...before }));
  onKept(draw);
  draw();
}
