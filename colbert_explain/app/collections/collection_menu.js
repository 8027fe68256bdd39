// Which collection is searched: the menu in the header, and below it what is being opened, indexed or offered.
import { bind, button, delayed, element, freshId, inWords, keepKeys, labelled, option } from "../web/dom.js";
import { popover } from "../web/popover.js";
import { ownFiles } from "./own_files.js";

const COPIES = [
  ["", "none: exact"],
  ["map+int8", "map+int8: fastest"],
  ["int8", "int8"],
];
const SHOWN_AFTER = 350; // milliseconds; work that is done sooner is not announced

const DROP_WORDS = "Your own texts: drop files or a folder anywhere on this page, or";

/** Make the menu, and `bar`, which belongs under the header. `takesAny` and `dropWords` are about what may be dropped. */
export function collectionMenu({ model, takesAny = false, dropWords = DROP_WORDS }) {
  const list = element("div", { className: "ce-collection-list", role: "group", "aria-label": "Collections" });
  const about = element("div", { className: "ce-collection-about" });
  const problem = element("p", { className: "ce-problem", role: "alert" });
  const status = element("span", { className: "ce-collection-status", role: "status" });
  const progress = element("progress", { max: 1, "aria-label": "Progress" });
  const cancel = button("Cancel", () => model.send({ event: "cancel_opening" }));
  const work = element("div", { className: "ce-collection-work" }, progress, status, cancel);
  const offer = element("div", { className: "ce-own-offer ce-collection-offer" });
  const bar = element("div", { className: "ce-collection-bar" }, work, offer, problem);
  const own = ownFiles({
    model,
    path: { label: "Folder, file or address", act: "Open", open: (name) => choose({ event: "name_collection", name }) },
    dropWords,
    takesAny,
    complain: (sentence) => {
      said = sentence;
      show();
    },
    say: (sentence) => {
      status.textContent = sentence;
      work.hidden = false;
    },
    onSent() {
      menu.close();
      show();
    },
  });
  const menu = popover("Collection", element("div", { className: "ce-collection-menu" }, list, ...own.nodes, about));
  menu.opener.title = "Choose what is searched";
  let said = ""; // what is wrong before Python was asked
  const shownLater = delayed(() => (work.hidden = !model.get("collection").busy), SHOWN_AFTER);

  function choose(message) {
    said = "";
    menu.close();
    model.send(message);
  }

  function showChoices() {
    const { choices = [], takes_names: takesNames } = model.get("sources");
    const { open } = model.get("collection");
    const choiceOf = ({ key, label }) => {
      const one = button(label, () => choose({ event: "open_collection", key }), "ce-collection-choice");
      if (key === open?.key) one.setAttribute("aria-current", "true");
      return one;
    };
    const groups = Array.from(
      Map.groupBy(choices, ({ group }) => group),
      ([textContent, all]) =>
        element("div", {}, element("p", { className: "ce-collection-group", textContent }), ...all.map(choiceOf)),
    );
    list.replaceChildren(...groups);
    own.showPath(takesNames);
  }

  function showAbout() {
    const { open } = model.get("collection");
    menu.setLabel(open ? open.label : "Collection");
    about.replaceChildren();
    if (!open) return;
    about.append(element("p", { className: "ce-muted", textContent: open.facts }));
    for (const note of open.notes) about.append(element("p", { className: "ce-muted", textContent: note }));
    if (open.n_left_out) {
      const items = open.left_out.map(([which, reason]) =>
        element("li", { dir: "auto", textContent: `${which}: ${reason}` }),
      );
      const more = open.n_left_out - items.length;
      if (more > 0) items.push(element("li", { textContent: `and ${inWords(more)} more` }));
      about.append(
        element(
          "details",
          {},
          element("summary", { textContent: `${inWords(open.n_left_out)} left out` }),
          element("ul", {}, ...items),
        ),
      );
    }
  }

  function showOffer(given) {
    offer.hidden = !given;
    if (!given) return offer.replaceChildren();
    const copy = element("select", { id: freshId("copy") });
    copy.append(...COPIES.map(([value, text]) => option(value, text)));
    copy.value = given.compression ?? "";
    copy.addEventListener("change", () => model.send({ event: "offer", compression: copy.value || null }));
    const go = button(
      given.continues ? "Continue indexing" : "Index and search",
      () => model.send({ event: "index" }),
      "ce-primary",
    );
    go.disabled = !given.fits;
    offer.replaceChildren(
      element("p", {}, element("strong", { dir: "auto", textContent: given.label }), ` ${given.sentences.join(" ")}`),
      element(
        "span",
        { className: "ce-own-buttons" },
        labelled("Compression", copy),
        go,
        button("Not now", () => model.send({ event: "refuse_index" }), "ce-quiet"),
      ),
    );
    return undefined;
  }

  function showWork() {
    const { busy, status: text = "", progress: share } = model.get("collection");
    if (typeof share === "number") progress.value = share;
    else progress.removeAttribute("value");
    progress.hidden = cancel.hidden = !busy;
    status.textContent = text;
    if (busy && work.hidden) {
      shownLater.begin();
      return;
    }
    shownLater.callOff();
    work.hidden = !busy && !text;
  }

  function show() {
    const { problem: wrong = "", busy, offer: given } = model.get("collection");
    problem.textContent = said || wrong;
    showOffer(busy ? null : given);
    showWork();
    showAbout();
    showChoices();
  }

  work.hidden = true;
  keepKeys(menu.node);
  const unbind = bind(model, {
    collection: () => {
      if (model.get("collection").busy) said = "";
      show();
    },
    sources: showChoices,
  });

  return {
    node: menu.node,
    bar,
    dropOn: own.dropOn,
    destroy() {
      shownLater.callOff();
      unbind();
    },
  };
}
