// The card of an exercise. The right answer is not here before the reader gives it or asks for it: Python is asked.

import { bind, button, element, freshId, keepKeys } from "../web/dom.js";
import { withPython } from "../web/python_link.js";
import { eventsOf, keepAnswer } from "./kept_answers.js";
import { keep, PROGRESS } from "./lesson_storage.js";

const HEADINGS = { right: "Right.", wrong: "Not quite." };
const PATIENCE = 3000; // milliseconds until a reader wants to know why nothing happens
const TRIES = 2; // wrong answers after which the answer is offered
const SETTLED = 1000; // milliseconds after the last exercise has been drawn
let settling;

/** Count the exercises of the page and those that are done, once no more of them appear; the browser keeps it, and the
 * bar of the dashboard and its index page show it. */
function keepProgress() {
  clearTimeout(settling);
  settling = setTimeout(() => {
    const of = document.querySelectorAll(".ce-exercise").length;
    const answered = document.querySelectorAll(".ce-exercise[data-done]").length;
    // Opened again, a page starts without answers; what was answered before still counts.
    const kept = (before) => Math.min(Math.max(before.answered ?? 0, answered), of);
    keep(PROGRESS, (before) => ({ ...before, answered: kept(before), of }));
  }, SETTLED);
}

// What stands between asterisks is emphasised in what the exercise's author wrote: question, hint and reason. Options
// and answers may be words of a text, and are shown as they are.
function sentence(text) {
  return text.split(/\*([^*]+)\*/).map((part, index) => (index % 2 ? element("em", { textContent: part }) : part));
}

function render({ model, el }) {
  const name = freshId("exercise");
  const kind = model.get("kind");
  const isChoice = kind === "choice";
  const said = element("p", { className: "ce-exercise-said", role: "status" });
  const check = element("button", { type: "submit", className: "ce-primary ce-exercise-check", textContent: "Check" });
  const show = button("Show the answer", () => model.send({ event: "show" }), "ce-exercise-show");
  const actions = element("div", { className: "ce-exercise-actions" }, check, show);

  const inputs = isChoice
    ? model.get("options").map((value) => element("input", { type: "radio", name, value }))
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
  const marks = inputs.map(() => element("span", { className: "ce-exercise-mark" }));
  const fields = inputs.map((input, index) =>
    isChoice
      ? element(
          "label",
          { className: "ce-exercise-option" },
          input,
          element("span", { textContent: input.value }),
          marks[index],
        )
      : element(
          "label",
          { className: "ce-exercise-typed" },
          element("span", { textContent: "Your answer" }),
          input,
          marks[index],
        ),
  );
  const form = element(
    "form",
    { className: "ce-part ce-exercise", noValidate: true },
    element(
      "fieldset",
      {},
      element("legend", {}, ...sentence(model.get("question"))),
      element("div", { className: "ce-exercise-options" }, ...fields),
    ),
    actions,
    said,
  );
  el.append(form);

  let waiting;
  const given = () => (isChoice ? (inputs.find((input) => input.checked)?.value ?? "") : inputs[0].value.trim());

  function say(verdict, text) {
    clearTimeout(waiting);
    form.dataset.verdict = verdict;
    const heading = HEADINGS[verdict] ? [element("strong", { textContent: HEADINGS[verdict] }), " "] : [];
    said.replaceChildren(...heading, ...(verdict === "unclear" ? [text] : sentence(text)));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (model.get("answer")) return;
    if (!given()) {
      say("unclear", isChoice ? "Choose an answer first." : "Enter an answer first.");
      inputs[0].focus();
      return;
    }
    say("", "Checking …");
    waiting = setTimeout(
      () => say("", "Python is still busy. Your answer will be checked as soon as it is free."),
      PATIENCE,
    );
    model.send({ event: "answer", given: given() });
  });
  for (const input of inputs) input.addEventListener("input", () => model.get("answer") || say("", ""));
  model.whenGone(() => form.dataset.verdict || say("", ""));
  keepKeys(form);

  function showOutcome() {
    const { verdict, said: text, given: value, tries } = model.get("outcome");
    if (!verdict) return;
    if (isChoice) for (const input of inputs) input.checked = input.value === value;
    else inputs[0].value = value;
    show.classList.toggle("ce-exercise-offered", tries >= TRIES);
    say(verdict, text);
    keepAnswer(model.get("question"), { given: value, verdict });
  }

  // Done: the right answer is marked, and the reader's own stays beside it.
  function showAnswer() {
    const answer = model.get("answer");
    if (!answer) return;
    const focused = form.contains(form.getRootNode().activeElement);
    form.dataset.done = "";
    actions.hidden = true;
    inputs.forEach((input, index) => {
      input.disabled = true;
      if (isChoice) {
        const right = input.value === answer;
        fields[index].classList.toggle("ce-exercise-right", right);
        marks[index].textContent = right ? "✓ the answer" : input.checked ? "your choice" : "";
      } else {
        fields[index].classList.add("ce-exercise-right");
        // A number may be right without being the same.
        const isSaid =
          model.get("outcome").verdict === "right" &&
          (kind === "text" || Number(input.value.replace(",", ".")) === Number(answer));
        marks[index].textContent = isSaid ? "✓" : `✓ the answer: ${answer}`;
        fields[index].classList.toggle("ce-exercise-unanswered", !input.value);
      }
    });
    if (focused) {
      said.tabIndex = -1; // the keyboard goes on from here
      said.focus({ preventScroll: true });
    }
    keepProgress();
  }

  const showAll = () => {
    showOutcome();
    showAnswer();
  };
  // After a reload, Python knows nothing of what was answered before.
  if (!model.get("outcome").verdict) for (const event of eventsOf(model.get("question"))) model.send(event);
  const unbind = bind(model, { "outcome answer": showAll });
  keepProgress();
  return () => {
    clearTimeout(waiting);
    unbind();
  };
}

export default { render: withPython(render, "exercise") };
