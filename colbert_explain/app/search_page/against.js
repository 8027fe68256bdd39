// Which other hit the sentence above compares the hit on show with.
import { bind, element, freshId, option, shortened } from "../web/dom.js";

const NAMED = 48; // characters of a name

/** Make the choice; it sends `against` with the position of the other hit. */
export function against({ model }) {
  const select = element("select", { id: freshId("against") });
  const label = element("label", { htmlFor: select.id });
  const node = element("div", { className: "ce-against" }, label, select);

  function show() {
    const { documents = [], position, against: other } = model.get("result");
    const shown = documents.find((one) => one.position === position);
    node.hidden = documents.length < 2 || !shown;
    if (node.hidden) return;
    label.textContent = `Hit ${shown.rank} compared with`;
    const choices = documents.filter((one) => one.position !== position);
    select.replaceChildren(...choices.map((one) => option(one.position, `${one.rank}. ${shortened(one.name, NAMED)}`)));
    select.value = String(other ?? "");
  }

  select.addEventListener("change", () => model.send({ event: "against", position: Number(select.value) }));
  return { node, destroy: bind(model, { result: show }) };
}
