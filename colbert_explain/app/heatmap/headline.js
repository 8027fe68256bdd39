// The answer in a line: the score, what it is made of, and why this document stands above another.
import { bind, button, copyText, element, emphasised, freshId, muted, percent } from "../web/dom.js";
import { dismissal } from "../web/dismissal.js";

const COPIED = 1500; // milliseconds that "Copied" stands there

/** Make the headline of `result`. `page.isStale()` tells whether the texts on the page are others than its own.
 *
 * `refresh()` looks at that again. */
export function headline({ model, page }) {
  const score = element("strong", { className: "ce-headline-score" });
  const possible = element("span", { className: "ce-headline-possible" });
  const state = element("span", { className: "ce-headline-state", role: "status" });
  const bar = element("div", { className: "ce-headline-bar", ariaHidden: "true" });
  const words = element("div", { className: "ce-headline-words" });
  const sentence = element("span", { className: "ce-unseen" });
  const shares = element("div", { className: "ce-headline-shares" }, words, bar, sentence);
  const about = element("div", { className: "ce-headline-about", id: freshId("about"), hidden: true });
  const sign = button("i", toggleAbout, "ce-headline-sign", {
    title: "What the numbers are",
    ariaLabel: "What the numbers are",
    ariaExpanded: "false",
    "aria-controls": about.id,
  });
  const info = element("div", {}, sign, about);
  const dismissed = dismissal(info, sign, toggleAbout);
  const contrast = element("span", { className: "ce-headline-contrast" });
  const copy = button("Copy", copyContrast, "ce-quiet", { title: "Copy the sentence" });
  const toggleWhole = () => showWhole(more.ariaExpanded !== "true");
  const more = button("more", toggleWhole, "ce-quiet", { title: "The whole sentence" });
  const second = element("div", { className: "ce-headline-second" }, contrast, more, copy);
  const notices = element("ul", { className: "ce-headline-notices" });
  const first = element(
    "div",
    { className: "ce-headline-first" },
    element("span", { className: "ce-headline-number" }, score, " ", possible),
    shares,
    state,
    info,
  );
  const node = element("section", { className: "ce-headline", ariaLabel: "Score" }, first, second, notices);
  let copied = 0;

  function show() {
    const result = model.get("result");
    node.hidden = !result?.headline;
    if (node.hidden) return;
    const { headline: said, contrast: compared, numbers, provenance } = result;
    score.textContent = said.score;
    possible.textContent = `of ${said.possible}`;
    sentence.textContent = said.sentence;
    shares.classList.toggle("ce-headline-plain", !said.shares.length);
    words.ariaHidden = String(said.shares.length > 0); // the sentence says it in full
    sentence.hidden = !said.shares.length;
    words.replaceChildren(
      ...(said.shares.length
        ? [
            muted("Of the score:"),
            ...said.shares.map(({ kind, label }) =>
              element("span", {}, element("i", { className: `ce-headline-${kind}` }), label),
            ),
          ]
        : [said.sentence]),
    );
    words.title = said.sentence;
    bar.replaceChildren(
      ...said.shares.map(({ kind, share, label }) => {
        const segment = element("span", { className: `ce-headline-${kind}`, title: `Of the score: ${label}` });
        segment.style.width = `${100 * share}%`;
        return segment;
      }),
    );
    second.hidden = !compared;
    contrast.replaceChildren(...(compared ? emphasised(compared.parts) : []));
    contrast.title = compared?.sentence ?? "";
    showWhole(false);
    about.replaceChildren(
      element("p", { textContent: numbers }),
      element("p", { className: "ce-muted", textContent: provenance }),
    );
    notices.hidden = !result.notices.length;
    notices.replaceChildren(...result.notices.map((text) => element("li", { textContent: text, title: text })));
    refresh();
  }

  /** Mark numbers that belong to texts other than those on the page. */
  function refresh() {
    const { busy = false, progress } = model.get("work") ?? {};
    const isOld = busy || Boolean(page.isStale?.());
    node.classList.toggle("ce-headline-old", isOld);
    node.classList.toggle("ce-headline-left", isOld && !busy);
    node.ariaBusy = String(busy);
    const share = busy && typeof progress === "number" ? ` ${percent(progress)}` : "";
    state.textContent = busy ? `updating …${share}` : isOld ? "Scores are for the previous text" : "";
  }

  function showWhole(isWhole) {
    second.classList.toggle("ce-headline-whole", isWhole);
    more.ariaExpanded = String(isWhole);
    more.textContent = isWhole ? "less" : "more";
    offerMore();
  }

  /** Offer the rest of a sentence that is cut off. */
  function offerMore() {
    more.hidden = more.ariaExpanded !== "true" && contrast.scrollHeight <= contrast.clientHeight;
  }

  function toggleAbout() {
    about.hidden = !about.hidden;
    sign.ariaExpanded = String(!about.hidden);
    if (about.hidden) dismissed.end();
    else dismissed.begin();
  }

  async function copyContrast() {
    const done = await copyText(model.get("result").contrast.sentence);
    copy.textContent = done ? "Copied" : "Press Ctrl+C";
    if (!done) getSelection().selectAllChildren(contrast);
    clearTimeout(copied);
    copied = setTimeout(() => (copy.textContent = "Copy"), COPIED);
  }

  const sizes = new ResizeObserver(offerMore);
  sizes.observe(contrast);
  const unbind = bind(model, { result: show, work: refresh });
  return {
    node,
    refresh,
    destroy() {
      dismissed.end();
      clearTimeout(copied);
      sizes.disconnect();
      unbind();
    },
  };
}
