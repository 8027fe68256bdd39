// Asks which columns of an opened table hold the texts and the names, and what becomes of its rows.
import { button, counted, element, freshId, inWords, labelled, option, shortened } from "../web/dom.js";
import { previewActions, previewPanel } from "./preview.js";

const MOST_NAMED = 5; // columns that are named one by one when they are not used

/** Make the preview. `ask(table, { mostDocuments, hasDocuments, choose, close })` opens it. */
export function tablePreview() {
  const node = previewPanel("ce-rows");

  function ask(table, { mostDocuments, hasDocuments, choose, close }) {
    const header = element("input", { type: "checkbox", id: freshId("header"), checked: table.has_header });
    const texts = element("select", { className: "ce-rows-texts" });
    const names = element("select", { className: "ce-rows-names" });
    const count = element("p", { className: "ce-rows-count" });
    const rows = element("tbody");
    const heads = element("tr");
    const shown = element("table", { className: "ce-rows-shown" }, element("thead", {}, heads), rows);
    const unused = element("p", { className: "ce-rows-unused" });
    const notes = table.notes.map((note) => element("p", { className: "ce-rows-unused", textContent: `${note}.` }));
    const columns = [...table.preview[0].keys()];
    const heading = (index) => shortened((header.checked && table.preview[0][index]) || `Column ${index + 1}`, 40);

    function showColumns() {
      const isFirst = !texts.options.length;
      const guessed = [String(table.likely), String(table.likely_name ?? "")];
      const [text, name] = isFirst ? guessed : [texts.value, names.value];
      const choices = () => columns.map((index) => option(String(index), heading(index)));
      texts.replaceChildren(...choices());
      names.replaceChildren(option("", "None: Row 1, Row 2, …"), ...choices());
      [texts.value, names.value] = [text, name];
      const total = table.rows - (header.checked ? 1 : 0);
      count.textContent =
        `${table.name}: ${counted(total, "row")}. ${total === 1 ? "It" : "Each"} becomes a document` +
        (total > mostDocuments ? `; the first ${inWords(mostDocuments)} that have text are taken.` : ".");
      showRows();
    }

    function showRows() {
      const body = table.preview.slice(header.checked ? 1 : 0);
      const [text, name] = [Number(texts.value), names.value === "" ? null : Number(names.value)];
      heads.replaceChildren(...["Name", "Text"].map((label) => element("th", { scope: "col", textContent: label })));
      rows.replaceChildren(
        ...body.map((row, index) =>
          element(
            "tr",
            {},
            element("td", { dir: "auto", textContent: name === null ? `Row ${index + 1}` : shortened(row[name], 30) }),
            element("td", { dir: "auto", textContent: shortened(row[text], 110) }),
          ),
        ),
      );
      unused.textContent = notUsed();
      unused.hidden = !unused.textContent;
    }

    function notUsed() {
      const left = columns.filter((index) => ![texts.value, names.value].includes(String(index)));
      const more = left.length > MOST_NAMED ? ` and ${left.length - MOST_NAMED} more` : "";
      return left.length ? `Columns not used: ${left.slice(0, MOST_NAMED).map(heading).join(", ")}${more}.` : "";
    }

    const chosen = (mode) => () =>
      choose(
        mode,
        {
          text_column: Number(texts.value),
          name_column: names.value === "" ? null : Number(names.value),
          has_header: header.checked,
        },
        notUsed(),
      );

    header.addEventListener("change", showColumns);
    texts.addEventListener("change", showRows);
    names.addEventListener("change", showRows);
    node.setAttribute("aria-label", `Rows of ${table.name}`);
    node.replaceChildren(
      count,
      ...notes,
      element(
        "div",
        { className: "ce-rows-choice" },
        labelled("Text column", texts, "ce-rows-field"),
        labelled("Name column", names, "ce-rows-field"),
        element("label", { className: "ce-rows-check", htmlFor: header.id }, header, " First row holds column names"),
      ),
      shown,
      unused,
      previewActions(
        ...(hasDocuments
          ? [button("Add as documents", chosen("add"), "ce-primary"), button("Replace documents", chosen("replace"))]
          : [button("Use these rows", chosen("replace"), "ce-primary")]),
        button("Cancel", close),
      ),
    );
    node.hidden = false;
    showColumns();
    texts.focus();
  }

  function close() {
    node.hidden = true;
    node.replaceChildren();
  }

  return { node, ask, close };
}
