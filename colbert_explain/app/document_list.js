// One document in a text field, or several, of which a row of tabs picks the one in the field.

function documentList({ model, id, complain, onChange }) {
  const area = element("textarea", { id: `${id}-document`, rows: 7, spellcheck: false, dir: "auto" });
  const label = element("label", { htmlFor: area.id });
  const tabs = element("div", { className: "ce-tabs" });
  tabs.dataset.alone = "";
  tabs.setAttribute("role", "tablist");
  tabs.setAttribute("aria-label", "Documents");
  const name = element("input", { id: `${id}-name`, type: "text", spellcheck: false, autocomplete: "off", maxLength: 60 });
  const naming = labelled("Name", name, "ce-naming");
  const remove = button("Remove", removeCurrent, "ce-small");
  const head = element("div", { className: "ce-document-head" }, label, naming, remove);
  const panel = element("div", {}, area);
  const add = button("Add a document", addEmpty, "ce-small");

  let documents = [{ name: "Document 1", text: "" }];
  let current = 0;

  function keep() {
    documents[current].text = area.value;
  }

  function unique(wanted, others) {
    const taken = new Set(others.map((other) => other.name));
    let found = wanted;
    for (let i = 2; taken.has(found); i++) found = `${wanted} (${i})`;
    return found;
  }

  function freshName() {
    let number = documents.length + 1;
    while (documents.some((other) => other.name === `Document ${number}`)) number++;
    return `Document ${number}`;
  }

  function show() {
    const several = documents.length > 1;
    tabs.hidden = naming.hidden = remove.hidden = !several;
    label.textContent = several ? `Document ${current + 1} of ${documents.length}` : "Document";
    name.value = documents[current].name;
    if (area.value !== documents[current].text) area.value = documents[current].text;
    if (several) {
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", `${id}-tab-${current}`);
    } else {
      panel.removeAttribute("role");
      panel.removeAttribute("aria-labelledby");
    }
    panel.id = `${id}-panel`;
    tabs.replaceChildren(...(several ? documents.map(tab) : []));
    tabs.children[current]?.scrollIntoView({ block: "nearest" });
    onChange();
  }

  const caption = (text) => ({ textContent: shortenedInside(text, 24), title: text });

  function tab(one, index) {
    const node = Object.assign(button("", () => select(index)), caption(one.name));
    node.id = `${id}-tab-${index}`;
    node.tabIndex = index === current ? 0 : -1;
    node.setAttribute("role", "tab");
    node.setAttribute("aria-selected", String(index === current));
    node.setAttribute("aria-controls", `${id}-panel`);
    return node;
  }

  function select(index) {
    keep();
    current = Math.min(Math.max(index, 0), documents.length - 1);
    show();
    tabs.children[current]?.focus();
  }

  function addEmpty() {
    if (documents.length >= model.get("most_documents")) {
      return complain(`The number of documents must be at most ${inWords(model.get("most_documents"))}.`);
    }
    keep();
    documents.push({ name: freshName(), text: "" });
    current = documents.length - 1;
    show();
    area.focus();
  }

  function removeCurrent() {
    keep();
    documents.splice(current, 1);
    current = Math.min(current, documents.length - 1);
    show();
    (tabs.children[current] ?? area).focus();
  }

  tabs.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: documents.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    select(to);
  });
  name.addEventListener("change", () => {
    const others = documents.filter((_, index) => index !== current);
    const wanted = unique(name.value.trim() || `Document ${current + 1}`, others);
    documents[current].name = name.value = wanted;
    // In place: the focus may be on its way to this very tab.
    if (tabs.children[current]) Object.assign(tabs.children[current], caption(wanted));
  });

  return {
    area,
    add,
    nodes: [tabs, head, panel],
    all() {
      keep();
      return documents.map((one) => ({ ...one }));
    },
    others: () => documents.filter((_, index) => index !== current),
    set(list) {
      documents = [];
      for (const one of list.length ? list : [{ name: "Document 1", text: "" }]) {
        documents.push({ name: unique(one.name, documents), text: one.text });
      }
      current = 0;
      area.value = documents[0].text;
      show();
    },
    append(list) {
      keep();
      const first = documents.length;
      for (const one of list) documents.push({ name: unique(one.name, documents), text: one.text });
      current = first;
      show();
    },
    // An opened file becomes the document in the field.
    fill(wanted, text) {
      documents[current] = { name: unique(wanted, documents.filter((_, index) => index !== current)), text };
      area.value = text;
      show();
    },
    isEmpty: () => documents.length === 1 && !area.value.trim(),
  };
}
