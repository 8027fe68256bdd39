// What the browser keeps of a lesson, by the lesson's file name. Only in dashboards, whose pages have one.

const CHANGED = "ce-lesson-kept"; // what the window is told then: the lesson's bar shows it

/** Return the file name of the lesson without its ending; empty where there is none. */
export function lessonName() {
  if (!("voila" in document.body.dataset)) return "";
  return decodeURIComponent(location.pathname.match(/\/voila\/render\/(?:.*\/)?([^/]+)\.ipynb$/)?.[1] ?? "");
}

/** Return what is kept of this lesson below `key`; empty if nothing is, or if what lies there is not ours. */
export function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key))?.[lessonName()] ?? {};
  } catch {
    return {};
  }
}

/** Keep `change` of what is kept of this lesson, where that is possible. */
export function keep(key, change) {
  const name = lessonName();
  if (!name) return;
  try {
    const all = JSON.parse(localStorage.getItem(key) ?? "{}") ?? {};
    all[name] = change(all[name] ?? {});
    localStorage.setItem(key, JSON.stringify(all));
    window.dispatchEvent(new Event(CHANGED));
  } catch {
    // No storage, or what lies in it is not ours: a lesson works without.
  }
}
