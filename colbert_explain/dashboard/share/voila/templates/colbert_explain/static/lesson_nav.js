// The bar of a lesson: a dot for each exercise, filled when it is answered; a button that makes all of them new, and
// one that enlarges the lesson, until the tab is closed. Exercises write into localStorage what was answered, and fire "ce-lesson-kept"; this script notes the visit.
{
  const progress = "colbert_explain.progress";
  const answers = "colbert_explain.answers";
  const nav = document.querySelector(".ce-lesson-nav");
  const clear = nav.querySelector(".ce-lesson-nav-clear");
  const lesson = nav.dataset.lesson;
  const read = (key) => {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? {};
    } catch {
      // storage is off, or holds something else
      return {};
    }
  };
  const keep = (key, value) => {
    try {
      localStorage.setItem(key, JSON.stringify({ ...read(key), [lesson]: value }));
    } catch {
      /* no storage, no dots */
    }
  };

  const draw = () => {
    const { answered = 0, of = 0 } = read(progress)[lesson] ?? {};
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
    clear.hidden = answered === 0 && Object.keys(read(answers)[lesson] ?? {}).length === 0;
  };

  clear.addEventListener("click", () => {
    // As late as possible: until the page is gone, its exercises may still note what was answered.
    window.addEventListener("pagehide", () => {
      keep(answers, {});
      keep(progress, { ...read(progress)[lesson], answered: 0 });
    });
    window.location.reload();
  });

  const large = nav.querySelector(".ce-lesson-nav-large");
  const largeKey = "colbert_explain.large";
  const enlarge = (isLarge) => {
    document.documentElement.toggleAttribute("data-ce-large", isLarge);
    large.ariaPressed = String(isLarge);
  };
  large.addEventListener("click", () => {
    const isLarge = large.ariaPressed === "false";
    // What the reader sees below the bar stays there.
    const top = nav.offsetHeight;
    const cells = [...document.querySelectorAll("[cell-index], [data-cell]")];
    const isBelow = (cell) => cell.getBoundingClientRect().bottom > top;
    const seen = window.scrollY > 0 ? cells.find(isBelow) : null;
    const before = seen?.getBoundingClientRect();
    enlarge(isLarge);
    if (seen) {
      const after = seen.getBoundingClientRect();
      const share = Math.max(0, top - before.top) / before.height;
      window.scrollBy({ top: after.top - Math.max(top, before.top) + share * after.height, behavior: "instant" });
    }
    try {
      sessionStorage.setItem(largeKey, String(isLarge));
    } catch {
      /* it counts for this page only */
    }
  });
  try {
    enlarge(sessionStorage.getItem(largeKey) === "true");
  } catch {
    /* no storage */
  }

  keep(progress, { answered: 0, of: 0, ...read(progress)[lesson] });
  window.addEventListener("ce-lesson-kept", draw);
  window.addEventListener("storage", draw); // another tab
  draw();
}
