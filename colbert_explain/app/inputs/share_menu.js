// What can be taken away from a page: a link, a sentence, a picture, the page.
import { copyText, element } from "../web/dom.js";
import { menu } from "./menu.js";
import { linkOf } from "./share_link.js";

/** Make the menu. `shared()` returns `{ texts, options, shown, marks }` of the result on show, or null before the first.
 *
 * Returns the menu with `note`, to be placed near it: what was copied, for some seconds. */
export function shareMenu({ model, page, shared, say, complain, hasAddress }) {
  const note = element("span", { className: "ce-share-note ce-muted", role: "status" });

  function items() {
    const found = offered();
    return found.length ? found : [{ label: "Nothing to share yet", note: "Explain something first", act() {} }];
  }

  function offered() {
    const result = model.get("result") ?? {};
    const sentence = result.contrast?.sentence ?? result.headline?.sentence;
    const hasResult = !!result.key;
    const n = result.documents?.length ?? 0;
    const saved = n > 1 ? `Save page of all ${n} documents` : "Save page";
    return [
      hasAddress && { label: "Copy link", note: "The texts are in the link, not on the server", act: copyLink },
      sentence && { label: "Copy sentence", note: sentence, act: () => copy(sentence, "The sentence is copied.") },
      hasResult && page.copyPicture && { label: "Copy picture", note: "The heatmap as shown", act: page.copyPicture },
      hasResult && { label: saved, note: "One HTML file that opens without this server", act: savePage },
    ].filter(Boolean);
  }

  async function copyLink() {
    const { texts, options, shown, marks } = shared();
    const { fragment, problem } = await linkOf(texts, options, shown, marks);
    if (problem) return complain(problem);
    return copy(location.href.replace(/#.*$/s, "") + fragment, "The link is copied.");
  }

  async function copy(text, done) {
    if (await copyText(text)) return confirm(done);
    // A page over plain HTTP has no clipboard: then the text is there to be copied by hand.
    const field = element("input", { className: "ce-share-field", readOnly: true, value: text });
    field.setAttribute("aria-label", "Copy this text");
    say("This browser does not let pages copy. Copy it from here: ", null, field);
    field.select();
    return undefined;
  }

  function confirm(done) {
    say(""); // no field of an earlier try
    const said = element("span", { className: "ce-share-done", textContent: done });
    said.addEventListener("animationend", () => said.remove());
    note.replaceChildren(said);
  }

  function savePage() {
    if (page.savePage) page.savePage();
    else model.send({ event: "save", kind: "page" });
  }

  return { ...menu({ label: "Share", title: "Link, sentence, picture or page", items }), note };
}
