// The examples of the package, by group; choosing one explains it.
import { menu } from "./menu.js";

/** Make the menu. "Your own texts" brings back what was typed before an example was chosen. */
export function examplesMenu({ model, typed, explain, load }) {
  let own = null;

  function chosen() {
    if (typed.documents.length > 1) return -1;
    const samples = model.get("samples") ?? [];
    return samples.findIndex((one) => one.query === typed.query && one.document === typed.documents[0].text);
  }

  function items() {
    const samples = model.get("samples") ?? [];
    const now = chosen();
    const groups = new Map();
    samples.forEach((sample, index) => {
      if (!groups.has(sample.group)) groups.set(sample.group, []);
      const act = () => choose(sample);
      groups.get(sample.group).push({ label: sample.title, note: sample.note, act, isChosen: index === now });
    });
    const back = { label: "Your own texts", note: own ? "" : "Type in the fields", act: bringBack, isChosen: now < 0 };
    return [back, ...[...groups].flatMap(([group, entries]) => [{ group }, ...entries])];
  }

  function choose(sample) {
    if (chosen() < 0) own = typed.copy();
    load({ query: sample.query, documents: [{ name: "", text: sample.document }] });
    explain();
  }

  function bringBack() {
    if (!own || chosen() < 0) return;
    load(own);
    explain();
  }

  return menu({ label: "Examples", title: "Texts to start from", items });
}
