// What the search is judged by: the menu in the header, and below it the files that wait to be used.
import { bind, button, element, keepKeys, muted, option } from "../web/dom.js";
import { popover } from "../web/popover.js";
import { ownFiles } from "../collections/own_files.js";

const ROLES = { queries: "Queries", judged: "Judgments", run: "Run", second: "Second run" };
const USES = [
  ["queries", "queries"],
  ["judged", "judgments"],
  ["run", "the run"],
  ["second", "a second run"],
  ["documents", "documents to search"],
  ["nothing", "not used"],
];

/** Make the menu, and `bar`, which belongs under the header. */
export function judgmentsMenu({ model }) {
  const given = element("ul", { className: "ce-judged-given ce-plain-list" });
  const status = element("span", { role: "status" });
  const work = element(
    "div",
    { className: "ce-collection-work" },
    element("progress", { "aria-label": "Progress of reading" }),
    status,
    button("Cancel", () => model.send({ event: "refuse_files" })),
  );
  const files = element("div", { className: "ce-own-offer ce-judged-files" });
  const problem = element("p", { className: "ce-problem", role: "alert" });
  const bar = element("div", {}, work, files, problem);
  let said = ""; // what is wrong before Python was asked
  const own = ownFiles({
    model,
    path: { label: "File or folder of queries, judgments or a run", act: "Read", open: openNamed },
    dropWords:
      "Queries (.jsonl, or id, tab and text), judgments (in TREC or BEIR format) and runs, which are the results " +
      "of a search (in TREC format): drop files anywhere on this page, or",
    takesAny: true,
    complain(sentence) {
      said = sentence;
      show();
    },
    say(sentence) {
      status.textContent = sentence;
      work.hidden = false;
    },
    onSent() {
      menu.close();
      show();
    },
  });
  const menu = popover("Judgments", element("div", { className: "ce-collection-menu" }, given, ...own.nodes));
  menu.opener.title = "Choose what the search is judged by";

  function openNamed(name) {
    said = "";
    menu.close();
    model.send({ event: "name_files", name });
  }

  function show() {
    const { given: rows = [], problem: wrong = "", busy, status: text } = model.get("judged");
    given.replaceChildren(...rows.map(row));
    given.hidden = !rows.length;
    own.showPath(model.get("sources").takes_names);
    work.hidden = !busy;
    status.textContent = text ?? "";
    problem.textContent = said || wrong;
    showFiles();
  }

  function row({ role, name: called, said: text }) {
    const line = element(
      "li",
      {},
      element("span", { textContent: ROLES[role] }),
      element("bdi", { textContent: text }),
      muted(called ? ` (${called})` : ""),
    );
    if (role === "run" || role === "second") {
      line.append(button("Leave out", () => model.send({ event: "leave_out", role }), "ce-quiet"));
    }
    return line;
  }

  function showFiles() {
    const { files: found = [], busy, takes_documents: takesDocuments } = model.get("judged");
    files.hidden = !found.length || busy;
    if (files.hidden) return files.replaceChildren();
    const selects = found.map(({ name: called, use, is_usable: isUsable }) => {
      const uses = USES.filter(([value]) => value !== "documents" || takesDocuments);
      const options = uses.map(([value, text]) => option(value, text));
      const select = element("select", { ariaLabel: `Use ${called} as` }, ...options);
      select.value = use;
      if (!isUsable) select.dataset.unusable = "";
      return select;
    });
    const uses = () => selects.map((select) => select.value);
    const go = button("Use these files", () => model.send({ event: "use_files", uses: uses() }), "ce-primary");
    const check = () => (go.disabled = uses().every((use) => use === "nothing"));
    for (const select of selects) select.addEventListener("change", check);
    check();
    files.replaceChildren(
      element(
        "ul",
        { className: "ce-plain-list" },
        ...found.map(({ name: called, said: text }, index) =>
          element(
            "li",
            {},
            element("bdi", { className: "ce-judged-name", textContent: called }),
            selects[index],
            element("span", { className: "ce-muted", dir: "auto", textContent: text }),
          ),
        ),
      ),
      element(
        "span",
        { className: "ce-own-buttons" },
        go,
        button("Not now", () => model.send({ event: "refuse_files" }), "ce-quiet"),
      ),
    );
    return undefined;
  }

  keepKeys(menu.node);
  const unbind = bind(model, {
    judged() {
      if (model.get("judged").busy) said = "";
      show();
    },
    sources: show,
  });
  return { node: menu.node, bar, dropOn: own.dropOn, destroy: unbind };
}
