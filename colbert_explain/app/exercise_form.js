// An exercise's card. Texts are only ever set as textContent, never as markup; the right answer is
// not here: Python is asked.

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// What stands between asterisks is emphasised in what the exercise's author wrote: question, hint and
// reason. Options and answers may be words of a text, and are shown as they are.
function sentence(text) {
  return text
    .split(/\*([^*]+)\*/)
    .map((part, index) => (index % 2 ? element("em", { textContent: part }) : part));
}

const HEADINGS = { right: "Right.", wrong: "Not yet.", unclear: "" };
const PATIENCE = 3000; // milliseconds until a reader wants to know why nothing happens
let cards = 0;

function render({ model, el }) {
  const id = `ce-exercise-${++cards}`;
  const kind = model.get("kind");
  const legend = element("legend", {}, ...sentence(model.get("question")));
  const said = element("p", { className: "ce-said" });
  said.setAttribute("role", "status");
  const check = element("button", { type: "submit", className: "ce-check", textContent: "Check" });
  const skip = element("button", { type: "button", className: "ce-skip", textContent: "Show it without an answer" });

  const inputs =
    kind === "choice"
      ? model.get("options").map((value) => element("input", { type: "radio", name: id, value }))
      : [
          element("input", {
            type: "text",
            autocomplete: "off",
            spellcheck: false,
            maxLength: 200,
            inputMode: kind === "number" ? "decimal" : "text",
            placeholder: kind === "number" ? "a number" : "a word",
          }),
        ];
  const fields = inputs.map((input) =>
    kind === "choice"
      ? element("label", { className: "ce-option" }, input, element("span", { textContent: input.value }))
      : element("label", { className: "ce-typed" }, element("span", { textContent: "Your answer" }), input),
  );
  const fieldset = element("fieldset", {}, legend, element("div", { className: `ce-answers ce-${kind}` }, ...fields));
  const form = element(
    "form",
    { className: "ce-exercise", noValidate: true },
    fieldset,
    element("div", { className: "ce-actions" }, check, skip),
    said,
  );
  el.append(form);

  let waiting;
  const given = () =>
    kind === "choice" ? (inputs.find((input) => input.checked)?.value ?? "") : inputs[0].value.trim();

  function say(verdict, text) {
    clearTimeout(waiting);
    form.dataset.verdict = verdict;
    const heading = HEADINGS[verdict] ? [element("strong", { textContent: HEADINGS[verdict] }), " "] : [];
    said.replaceChildren(...heading, ...(verdict === "unclear" ? [text] : sentence(text)));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!given()) {
      say("unclear", kind === "choice" ? "Choose an answer first." : "Write an answer first.");
      (inputs[0]).focus();
      return;
    }
    say("", "Checking …");
    waiting = setTimeout(
      () => say("", "Python is still busy; your answer is checked as soon as it is free."),
      PATIENCE,
    );
    model.send({ event: "answer", given: given() });
  });
  skip.addEventListener("click", () => model.send({ event: "skip" }));
  for (const input of inputs) {
    input.addEventListener("input", () => say("", ""));
  }
  model.whenGone(() => form.dataset.verdict || say("", ""));
  // JupyterLab's commands: letters would edit cells, Shift+Enter would run them.
  form.addEventListener("keydown", (event) => event.stopPropagation());

  function showOutcome() {
    const { verdict, said: text, given: value } = model.get("outcome");
    if (!verdict) return;
    if (kind === "choice") for (const input of inputs) input.checked = input.value === value;
    else inputs[0].value = value;
    say(verdict, text);
  }
  const showCurtain = () => (skip.hidden = !model.get("curtain"));

  showOutcome();
  showCurtain();
  model.on("change:outcome", showOutcome);
  model.on("change:curtain", showCurtain);
  return () => {
    clearTimeout(waiting);
    model.off("change:outcome", showOutcome);
    model.off("change:curtain", showCurtain);
  };
}

export default { render: withPython(render, "exercise") };
