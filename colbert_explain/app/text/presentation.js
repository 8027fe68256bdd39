// Large type and nothing but the query, the picture, the score and the read-out; keys go from match to match.

import { closePanels } from "../web/dismissal.js";
import { button, decimal, element, muted } from "../web/dom.js";

const STEPS = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 }; // clickers send PageDown and PageUp
const PICTURES = { h: "heatmap", l: "links" };

/** Present a page.
 *
 * While it is presented, `page.root` has the class `ce-presenting` and fills the screen, or the window where the
 * browser allows no more; what has the class `ce-not-presented` is hidden. `page.show(picture)` is asked for
 * "heatmap" or "links", `page.arrange()` after the size of type or screen has changed, `page.reveal(pair)` at each
 * step, and `page.forget()` at the end, so that nothing of a step stays.
 *
 * Returns `node`, the button that begins; `bar`, which is seen while presenting; `leave()` and `destroy()`. */
export function presentation({ model, bus, page }) {
  const begin = button("Present", enter, "ce-not-presented", { title: "Large type, for a projector" });
  const sum = element("output", { className: "ce-presentation-sum" });
  const back = button("‹", () => go(-1), "", { "aria-label": "Previous query word" });
  const on = button("›", () => go(1), "", { "aria-label": "Next query word" });
  const bar = element(
    "div",
    { className: "ce-presentation", role: "toolbar", "aria-label": "Presentation", hidden: true },
    back,
    on,
    sum,
    ...Object.entries({ h: "Heatmap", l: "Links" }).map(([key, name]) =>
      withKey(name, key.toUpperCase(), () => page.show?.(PICTURES[key])),
    ),
    withKey("Leave", "Esc", leave),
  );

  let presented = false;
  let step = -1; // of the rows with a match; -1 before the first

  /** The rows with a match, in the order in which they are shown. */
  const steps = () => bus.rows.flatMap((_, row) => bus.pairOfRow(row) ?? []);

  function withKey(name, key, act) {
    const node = button(`${name} `, act);
    node.append(element("kbd", { textContent: key }));
    return node;
  }

  function enter() {
    presented = true;
    step = -1;
    // Where the browser forbids it, the class alone fills the window.
    page.root.requestFullscreen?.().catch(() => {});
    follow();
    on.focus({ preventScroll: true });
  }

  function leave() {
    if (!presented) return;
    presented = false;
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    bus.point(null);
    page.forget?.();
    follow();
    begin.focus();
  }

  function follow() {
    page.root.classList.toggle("ce-presenting", presented);
    bar.hidden = !presented;
    write();
    page.arrange?.();
  }

  function go(by) {
    step = Math.min(Math.max(step + by, -1), steps().length - 1);
    const pair = steps()[step] ?? null;
    if (pair) page.reveal?.(pair);
    bus.point(pair);
    write();
  }

  function write() {
    const rows = steps()
      .slice(0, step + 1)
      .map(({ row }) => bus.rows[row]);
    const score = model.get("result").headline?.score ?? "";
    sum.replaceChildren();
    if (!rows.length) sum.append("Press → for the first query word");
    else if (rows.length === steps().length) writeWhole(rows, score);
    else writeSoFar(rows, score);
    back.disabled = step < 0;
    on.disabled = step >= steps().length - 1;
  }

  function writeSoFar(rows, score) {
    const soFar = decimal(rows.reduce((total, { value }) => total + value, 0));
    const after = muted(` after ${rows.length} of ${steps().length} query words`);
    sum.append(element("strong", { textContent: soFar }), ` of ${score}`, after);
  }

  /** Write the whole sum, or as many of its last terms as fit. */
  function writeWhole(rows, score) {
    const terms = rows.map(({ value }) => decimal(value));
    const printed = decimal(rows.reduce((total, { value }) => total + Number(value.toFixed(2)), 0));
    const sign = printed === score ? "=" : "≈"; // rounded numbers need not add up
    for (let first = 0; first < terms.length; first++) {
      const before = first ? ["…"] : [];
      sum.replaceChildren(
        `${sumOf([...before, ...terms.slice(first)])} ${sign} `,
        element("strong", { textContent: score }),
      );
      if (sum.scrollWidth <= sum.clientWidth) return;
    }
  }

  function onKey(event) {
    if (!presented || event.ctrlKey || event.metaKey || event.altKey) return;
    const picture = PICTURES[event.key.toLowerCase()];
    const isPress = event.key === " " && event.target.closest?.("button, [role=button], summary");
    if (event.key === "Escape") leave();
    else if (event.key in STEPS && !isPress) go(STEPS[event.key]);
    else if (picture) page.show?.(picture);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function onFullscreen() {
    // By the browser's own key: the page never hears of an Escape that ends full screen.
    if (!document.fullscreenElement && !closePanels()) leave();
  }

  function onResize() {
    if (!presented) return;
    write();
    page.arrange?.();
  }

  // Whoever has pointed at something else comes back to the step.
  function onPoint() {
    if (presented && !bus.focus && step >= 0) bus.point(steps()[step] ?? null);
  }

  function restart() {
    step = -1;
    write();
  }

  document.addEventListener("keydown", onKey, true);
  document.addEventListener("fullscreenchange", onFullscreen);
  window.addEventListener("resize", onResize);
  const off = bus.onChange(onPoint);
  model.on("change:result", restart);

  return {
    node: begin,
    bar,
    leave,
    destroy() {
      leave();
      document.removeEventListener("keydown", onKey, true);
      document.removeEventListener("fullscreenchange", onFullscreen);
      window.removeEventListener("resize", onResize);
      off();
      model.off("change:result", restart);
    },
  };
}

/** Join numbers with plus and minus signs. */
export const sumOf = ([first, ...others]) =>
  first + others.map((term) => (term.startsWith("−") ? ` − ${term.slice(1)}` : ` + ${term}`)).join("");
