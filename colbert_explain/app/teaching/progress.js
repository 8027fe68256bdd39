// How far a reader has come in a lesson, kept by the browser: how many of its exercises were answered, and of how many.
// The bar of the dashboard and its index page show it.

import { keep, PROGRESS } from "./lesson_storage.js";

const SETTLED = 1000; // milliseconds after the last exercise has been drawn
let waiting;

function keepNow() {
  const of = document.querySelectorAll(".ce-exercise").length;
  const answered = document.querySelectorAll(".ce-exercise[data-done]").length;
  // Opened again, a page starts without answers; what was answered before still counts.
  keep(PROGRESS, (before) => ({
    ...before,
    answered: Math.min(Math.max(before.answered ?? 0, answered), of),
    of,
  }));
}

/** Count the exercises of the page and those that are done, once no more of them appear. */
export function keepProgress() {
  clearTimeout(waiting);
  waiting = setTimeout(keepNow, SETTLED);
}
