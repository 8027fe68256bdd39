// Explaining while somebody types: the rule on the browser's clock, with a switch that is remembered.
import { browserStorage } from "./draft.js";
import { liveRule } from "./live.js";

const KEY = "colbert_explain:live";
const ANSWER_WAIT = 200; // milliseconds between the end of work and its answer

/** Make the rule; `explain()` and `texts()` are as in `liveRule`. */
export function liveSwitch({ texts, explain }) {
  const storage = browserStorage("localStorage");
  let ended = 0;
  const rule = liveRule({
    texts,
    explain,
    now: () => performance.now(),
    later(act, milliseconds) {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    },
  });
  try {
    if (storage.getItem(KEY) === "off") rule.turn(false);
  } catch {
    // There is no storage: the switch counts until the page is closed.
  }

  return {
    get isOn() {
      return rule.isOn;
    },
    get isPaused() {
      return rule.isPaused;
    },
    turn(on) {
      rule.turn(on);
      try {
        storage.setItem(KEY, on ? "on" : "off");
      } catch {
        // As above.
      }
    },
    typed: rule.typed,
    sent: rule.sent,
    answered() {
      clearTimeout(ended);
      rule.answered();
    },
    /** Work is over. Its answer comes before or shortly after, unless it was cancelled or refused. */
    ended() {
      clearTimeout(ended);
      ended = setTimeout(() => rule.answered(false), ANSWER_WAIT);
    },
    started: () => clearTimeout(ended),
    destroy() {
      clearTimeout(ended);
      rule.destroy();
    },
  };
}
