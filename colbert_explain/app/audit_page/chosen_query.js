// The query on show: its cause, where the right document stands, which two documents are compared, and which is drawn.
import { bind, button, decimal, element, freshId, inWords, muted, option, shortened } from "../web/dom.js";
import { withinDepth } from "./depth.js";

const NAMED = 44; // characters of a name

/** Make the part; it sends `sides`. `sides` is the row of the two menus; `title`, over the picture, names its document. */
export function chosenQuery({ model }) {
  const verdict = element("strong", {});
  const place = element("span", { dir: "auto" });
  const cause = element("strong", {});
  const meaning = element("span", {});
  const why = element("span", { className: "ce-chosen-cause" }, cause, meaning);
  const facts = element("p", { className: "ce-chosen-facts" }, verdict, place, " ", why);
  const title = element("h2", { className: "ce-chosen-title", dir: "auto" });
  const winner = element("select", { id: freshId("winner") });
  const right = element("select", { id: freshId("right") });
  const shows = ["winner", "right"].map((side) =>
    button("Show", () => send(side), "ce-chosen-show", { dataset: { side } }),
  );
  const labels = [winner, right].map((select) => element("label", { htmlFor: select.id }));
  const sides = element(
    "div",
    { className: "ce-chosen-sides" },
    element("span", { className: "ce-chosen-side" }, labels[0], winner, shows[0]),
    element("span", { className: "ce-chosen-side" }, labels[1], right, shows[1]),
  );
  const node = element("section", { className: "ce-chosen", "aria-label": "The query on show" }, facts, sides);

  function show() {
    const data = model.get("chosen");
    node.hidden = !data.id;
    if (node.hidden) return;
    verdict.textContent = `${data.is_found ? "Found:" : "Lost: not"} ${withinDepth(data.k)}. `;
    place.textContent = data.facts;
    why.hidden = data.is_found;
    cause.textContent = `Cause: ${data.cause}. `;
    meaning.textContent = `${data.said}${data.also?.length ? ` Also: ${data.also.join(", ")}.` : ""}`;
    labels[0].textContent = data.is_found ? "Other" : "Winner";
    labels[1].textContent = "Right";
    fill(winner, data.documents, data.winner, (one) => !one.is_right);
    fill(right, data.documents, data.right, (one) => one.is_right);
    for (const made of shows) {
      const isShown = made.dataset.side === data.shown;
      made.textContent = isShown ? "Shown" : "Show";
      made.setAttribute("aria-pressed", String(isShown));
      made.ariaLabel = `Show the ${made.dataset.side === "right" ? "right document" : labels[0].textContent.toLowerCase()}`;
      made.disabled = data.winner === null || data.right === null;
    }
  }

  function showTitle() {
    const { documents = [] } = model.get("chosen");
    const one = documents[model.get("result").position];
    title.hidden = !one;
    if (!one) return;
    const kind = one.is_right ? "Right document" : one.is_winner ? "Winner" : "Other document";
    const rank = one.rank === null ? "not found" : `rank ${inWords(one.rank)}`;
    title.replaceChildren(muted(`${kind}, ${rank}: `), one.name);
  }

  /** Offer the documents; those of the kind that is asked for come first. Their numbers stand first: names are long. */
  function fill(select, documents, chosen, isOfKind) {
    const groups = [documents.filter(isOfKind), documents.filter((one) => !isOfKind(one))];
    select.replaceChildren(
      ...(chosen === null ? [option("", "none in the collection")] : []),
      ...groups
        .filter((group) => group.length)
        .map((group) =>
          element(
            "optgroup",
            { label: `${group[0].is_right ? "Right documents" : "Other documents"}: rank · score · name` },
            ...group.map((one) =>
              option(one.position, `${one.rank ?? "–"} · ${decimal(one.score)} · ${shortened(one.name, NAMED)}`),
            ),
          ),
        ),
    );
    select.value = chosen === null ? "" : String(chosen);
    select.disabled = chosen === null;
  }

  function send(side) {
    model.send({ event: "sides", winner: Number(winner.value), right: Number(right.value), shown: side });
  }

  for (const select of [winner, right]) {
    select.addEventListener("change", () => {
      if (winner.value === right.value)
        show(); // the same document twice cannot be compared
      else send(model.get("chosen").shown);
    });
  }
  const unbind = bind(model, {
    chosen() {
      show();
      showTitle();
    },
    result: showTitle,
  });
  return { node, sides, title, destroy: unbind };
}
