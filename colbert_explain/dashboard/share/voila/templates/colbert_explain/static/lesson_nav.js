// The dots of a lesson's bar: one for each exercise, filled when it is answered. Exercises write what was answered
// into localStorage and fire "ce-progress"; this script notes the visit.
{
  const key = "colbert_explain.progress";
  const nav = document.querySelector(".ce-lesson-nav");
  const lesson = nav.dataset.lesson;
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? {};
    } catch {
      // storage is off, or holds something else
      return {};
    }
  };

  const draw = () => {
    const { answered = 0, of = 0 } = read()[lesson] ?? {};
    const place = nav.querySelector(".ce-lesson-nav-progress");
    const dots = Array.from({ length: of }, (_, number) => {
      const dot = document.createElement("span");
      dot.className = "ce-lesson-nav-dot";
      dot.ariaHidden = "true";
      dot.toggleAttribute("data-done", number < answered);
      return dot;
    });
    const count = document.createElement("span");
    count.className = "ce-lesson-nav-count";
    count.textContent = of ? `${answered}/${of}` : "";
    place.title = of ? `${answered} of ${of} exercises answered` : "";
    place.replaceChildren(...dots, count);
  };

  try {
    localStorage.setItem(key, JSON.stringify({ [lesson]: { answered: 0, of: 0 }, ...read() }));
  } catch {
    /* no storage, no dots */
  }
  window.addEventListener("ce-progress", draw);
  window.addEventListener("storage", draw); // another tab
  draw();
}
