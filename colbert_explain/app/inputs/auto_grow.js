// A text field as high as its text, up to a limit.

const MEASURED = 20000; // characters; a longer text is as high as allowed in any case

/** Let a field grow up to `most()` pixels; `fit()` measures again after its text was set. */
export function autoGrow(area, most) {
  function fit() {
    const limit = Math.round(most());
    let height = limit;
    if (area.value.length < MEASURED) {
      area.style.height = "auto";
      const border = area.offsetHeight - area.clientHeight;
      height = Math.min(area.scrollHeight + border, limit);
    }
    area.style.height = `${height}px`;
    area.style.overflowY = height < limit ? "hidden" : "auto";
  }

  let width = 0;
  const observer = new ResizeObserver(() => {
    if (area.offsetWidth === width) return;
    width = area.offsetWidth;
    if (width) fit();
  });
  observer.observe(area);
  area.addEventListener("input", fit);
  return { fit, destroy: () => observer.disconnect() };
}

/** Return the height of so many lines of a field. */
export function linesHigh(area, lines) {
  const style = getComputedStyle(area);
  const around = ["paddingTop", "paddingBottom", "borderTopWidth", "borderBottomWidth"];
  return lines * parseFloat(style.lineHeight) + around.reduce((sum, name) => sum + parseFloat(style[name]), 0);
}
