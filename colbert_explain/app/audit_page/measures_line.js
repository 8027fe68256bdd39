// How many queries are found, the measures with their standard errors, and the work that goes on.
import { bind, button, counted, decimal, element, muted } from "../web/dom.js";

/** Make the line. */
export function measuresLine({ model }) {
  const found = element("strong", { className: "ce-audit-found" });
  const measures = element("span", { className: "ce-audit-measures" });
  const notes = element("details", { className: "ce-audit-notes" });
  const status = element("span", { role: "status" });
  const progress = element("progress", { max: 1, "aria-label": "Progress of the audit" });
  const cancel = button("Cancel", () => model.send({ event: "cancel" }));
  const work = element("span", { className: "ce-audit-work" }, progress, status, cancel);
  const problem = element("p", { className: "ce-problem", role: "alert" });
  const line = element("div", { className: "ce-audit-line" }, found, measures, work);
  const node = element(
    "section",
    { className: "ce-audit-summary", "aria-label": "How good the search is" },
    line,
    problem,
    notes,
  );

  function show() {
    const { found: said = "", measures: rows = [], notes: odd = [] } = model.get("audit");
    found.textContent = said;
    measures.replaceChildren(
      ...rows.map(({ name, mean, error }) =>
        element(
          "span",
          {
            className: "ce-audit-measure",
            title: `${name}, mean of all queries${error === null ? "" : ", with its standard error"}`,
          },
          muted(`${name} `),
          element("span", { textContent: decimal(mean, 3) }),
          muted(error === null ? "" : ` ± ${decimal(error, 3)}`),
        ),
      ),
    );
    notes.hidden = !odd.length;
    const title = counted(odd.length, "note");
    notes.replaceChildren(
      element("summary", { textContent: title }),
      element("ul", {}, ...odd.map((text) => element("li", { dir: "auto", textContent: text }))),
    );
  }

  function showWork() {
    const { busy, status: text = "", progress: share, problem: wrong = "" } = model.get("auditing");
    if (typeof share === "number") progress.value = share;
    else progress.removeAttribute("value");
    progress.hidden = cancel.hidden = !busy;
    status.textContent = text;
    work.hidden = !busy && !text;
    problem.textContent = wrong;
  }

  return { node, destroy: bind(model, { audit: show, auditing: showWork }) };
}
