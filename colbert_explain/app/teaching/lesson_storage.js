// What the browser keeps of lessons, by a lesson's file name. Only in dashboards, whose pages have one.

export const PROGRESS = "colbert_explain.progress"; // how many exercises a lesson has, and how many are answered
export const ANSWERS = "colbert_explain.answers"; // what was given to each question

const CHANGED = "ce-lesson-kept"; // what the window is told when this page keeps something

/** Return the file name of the lesson without its ending; empty where there is none. */
export function lessonName() {
  if (!("voila" in document.body.dataset)) return "";
  return decodeURIComponent(location.pathname.match(/\/voila\/render\/(?:.*\/)?([^/]+)\.ipynb$/)?.[1] ?? "");
}

/** Return what is kept of all lessons below `key`; empty if nothing is, or if what lies there is not ours. */
export function keptOfAll(key) {
  try {
    const all = JSON.parse(localStorage.getItem(key));
    return all !== null && typeof all === "object" ? all : {};
  } catch {
    return {};
  }
}

/** Return what is kept of this lesson below `key`; empty if nothing is. */
export const kept = (key) => keptOfAll(key)[lessonName()] ?? {};

/** Keep `change` of what is kept of this lesson, where that is possible. */
export function keep(key, change) {
  const name = lessonName();
  if (!name) return;
  try {
    const all = keptOfAll(key);
    localStorage.setItem(key, JSON.stringify({ ...all, [name]: change(all[name] ?? {}) }));
    window.dispatchEvent(new Event(CHANGED));
  } catch {
    // No storage: a lesson works without.
  }
}

/** Forget all lessons. */
export function clear() {
  for (const key of [PROGRESS, ANSWERS]) localStorage.removeItem(key);
}

/** Call `act` when something was kept, by this page or in another tab. */
export function onKept(act) {
  window.addEventListener(CHANGED, act);
  window.addEventListener("storage", act);
}
