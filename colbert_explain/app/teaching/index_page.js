// The index page: opens the workbench with two texts, and shows how far a reader has come. Progress is kept by the
// pages of the lessons, in this browser only.

import { ANSWERS, clear, keptOfAll, onKept, PROGRESS } from "./lesson_storage.js";

function stateOf(progress) {
  if (!progress) return "";
  return progress.of > 0 && progress.answered >= progress.of ? "done" : "begun";
}

function showProgress() {
  const kept = keptOfAll(PROGRESS);
  const steps = [...document.querySelectorAll("[data-lesson]")];
  for (const step of steps) {
    const { answered, of } = kept[step.dataset.lesson] ?? {};
    step.dataset.state = stateOf(kept[step.dataset.lesson]);
    step.querySelector(".state").textContent = {
      done: "✓ done",
      begun: of ? `${answered ?? 0} of ${of} answered` : "begun",
      "": "",
    }[step.dataset.state];
  }
  const link = document.querySelector(".continue");
  if (!link) return;
  const isAnswered = Object.values(kept).some((one) => one?.answered > 0);
  const isTried = Object.values(keptOfAll(ANSWERS)).some((one) => Object.keys(one ?? {}).length > 0);
  document.querySelector(".clear").hidden = !isAnswered && !isTried;
  const begun = steps.some((step) => step.dataset.state);
  const latest = steps.findLastIndex((step) => step.dataset.state);
  const isNew = (step) => !step.dataset.state;
  // What was begun, else what follows the last lesson that was done, else what was left out.
  const next =
    steps.find((step) => step.dataset.state === "begun") ?? steps.slice(latest + 1).find(isNew) ?? steps.find(isNew);
  link.hidden = !next;
  if (!next) return;
  link.href = next.querySelector("a").href;
  link.textContent = `${begun ? "Continue" : "Start"}: ${next.dataset.name}`;
}

document.querySelector(".clear")?.addEventListener("click", () => {
  clear();
  showProgress();
});

// The texts go into the address's fragment, which browsers do not send to a server.
document.querySelector(".try")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const { q, d } = event.target.elements;
  const isEmpty = !`${q.value}${d.value}`.trim();
  const fragment = isEmpty ? "" : `q=${encodeURIComponent(q.value)}&d=${encodeURIComponent(d.value)}`;
  location.assign(event.target.dataset.workbench + (fragment && `#${fragment}`));
});

showProgress();
window.addEventListener("pageshow", showProgress); // "back" shows the page as it was left
onKept(showProgress); // by a lesson in another tab
