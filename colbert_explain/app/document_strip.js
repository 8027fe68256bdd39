// The strip above a long heatmap. Texts are only ever set as textContent, never as markup.

const BARS = 40, MARKS = 12, SENTENCES = 7, GAP = 3; // pixels, from top to bottom
const HEIGHT = BARS + GAP + MARKS + GAP + SENTENCES;
const NARROWEST_SENTENCE = 5; // pixels of an average sentence, below which the band is noise
const NEAR = 4; // pixels within which the pointer means a mark

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

let strips = 0;

function render({ model, el }) {
  const id = `ce-strip-${++strips}`;
  const canvas = element("canvas", { ariaHidden: "true" });
  const rectangle = element("div", { className: "ce-part" });
  const track = element("div", { className: "ce-track", tabIndex: 0 }, canvas, rectangle);
  const tip = element("div", { className: "ce-tip", ariaHidden: "true", hidden: true });
  const where = element("span", { className: "ce-where" });
  const hint = element("span", {
    className: "ce-hint",
    id: `${id}-hint`,
    textContent: "click or drag; arrow keys, Page Up/Down, Home, End; Enter: next match",
  });
  track.setAttribute("role", "slider");
  track.setAttribute("aria-label", "Part of the document in the heatmap");
  track.setAttribute("aria-describedby", hint.id);
  const root = element(
    "div",
    { className: "ce-strip" },
    element(
      "div",
      { className: "ce-strip-head" },
      element("span", { className: "ce-strip-name", textContent: "Whole document" }),
      where,
      hint,
    ),
    track,
    tip,
  );
  el.append(root);

  // What the rectangle shows: the reader's wish at once, then what the heatmap answers.
  let part = [0, 0];
  let dragging = false;
  let queued = null;

  const contents = () => model.get("contents");
  const total = () => contents().n_tokens ?? 0;
  const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));
  const count = (number) => number.toLocaleString("en-US");

  function binAt(token) {
    const bins = contents().bins ?? [];
    let low = 0;
    let high = bins.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (bins[middle].start <= token) low = middle;
      else high = middle - 1;
    }
    return bins[low];
  }

  function showPart() {
    const n = total();
    if (!n) return;
    const [left, right] = part;
    rectangle.style.left = `${(100 * left) / n}%`;
    rectangle.style.width = `${(100 * (right - left)) / n}%`;
    const first = clamp(Math.round(left), 0, n - 1);
    const last = clamp(Math.round(right) - 1, first, n - 1);
    const bin = binAt((left + right) / 2);
    where.textContent = `in the heatmap: tokens ${count(first)} to ${count(last)} of ${count(n)}`;
    track.setAttribute("aria-valuemin", "0");
    track.setAttribute("aria-valuemax", String(n - 1));
    track.setAttribute("aria-valuenow", String(first));
    const nearby = bin ? `, near “${bin.left}${bin.text}${bin.right}”` : "";
    track.setAttribute("aria-valuetext", `tokens ${first} to ${last} of ${n}${nearby}`);
  }

  function draw() {
    const width = track.clientWidth;
    const n = total();
    if (!n || !width) return;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(HEIGHT * scale);
    const pen = canvas.getContext("2d");
    pen.scale(scale, scale);
    const style = getComputedStyle(root);
    const line = style.getPropertyValue("--ce-line").trim() || "#8c9198";
    const grid = style.getPropertyValue("--ce-grid").trim() || "#e3e5e8";
    const x = (token) => (token / n) * width;
    pen.fillStyle = grid;
    pen.fillRect(0, BARS, width, 1);
    for (const bin of contents().bins) {
      if (bin.value === null) continue;
      const height = Math.max(1, Math.max(0, bin.value) * BARS);
      pen.fillStyle = bin.colour;
      // A little wider than the bin, so that no light shines through between two.
      pen.fillRect(x(bin.start), BARS - height, x(bin.stop) - x(bin.start) + 0.5, height);
    }
    const top = BARS + GAP;
    pen.lineWidth = 2;
    pen.fillStyle = pen.strokeStyle = contents().frame;
    for (const mark of contents().marks) {
      const middle = x(mark.token + 0.5);
      if (mark.tied) pen.strokeRect(middle - 3, top + 3, 6, 6);
      else pen.fillRect(middle - 1, top, 2, MARKS);
    }
    if (model.get("pinned") >= 0) {
      const middle = x(model.get("pinned") + 0.5);
      pen.fillStyle = style.getPropertyValue("--ce-pinned").trim() || "#000000";
      pen.fillRect(middle - 1.5, 0, 3, top + MARKS);
    }
    const sentences = contents().sentences;
    if (sentences.length < 2 || width / sentences.length < NARROWEST_SENTENCE) return;
    sentences.forEach((first, index) => {
      pen.fillStyle = index % 2 ? grid : line;
      const end = sentences[index + 1] ?? n;
      pen.fillRect(x(first), HEIGHT - SENTENCES, x(end) - x(first), SENTENCES);
    });
  }

  function update() {
    root.hidden = !total();
    tip.hidden = true;
    draw();
    showPart();
  }

  function follow() {
    if (dragging) return;
    part = model.get("part");
    showPart();
  }

  // At most one message per frame, however fast the pointer is.
  function move(middle) {
    const half = (part[1] - part[0]) / 2;
    const place = clamp(middle, half, total() - half);
    if (2 * half < 0.98 * total()) part = [place - half, place + half];
    showPart();
    if (queued === null) {
      requestAnimationFrame(() => {
        model.send({ event: "move", middle: queued });
        queued = null;
      });
    }
    queued = 2 * half < 0.98 * total() ? place : middle;
  }

  function tokenAt(event) {
    const place = track.getBoundingClientRect();
    return clamp(((event.clientX - place.left) / place.width) * total(), 0, total() - 1e-6);
  }

  function explainPlace(event) {
    const token = tokenAt(event);
    const perPixel = total() / track.clientWidth;
    const distance = (mark) => Math.abs(mark.token + 0.5 - token);
    const mark = contents().marks.reduce(
      (best, m) => (distance(m) < NEAR * perPixel && (!best || distance(m) < distance(best)) ? m : best),
      null,
    );
    const shown = mark ?? binAt(token);
    if (!shown) return;
    const number = element("span", { textContent: ` token ${count(shown.token)}` });
    const matched = element("div");
    if (shown.value === null) matched.textContent = "not scored";
    else {
      const what = mark ? (mark.tied ? "tied best match of " : "best match of ") : "matches best: ";
      matched.append(what, element("b", {}, element("bdi", { textContent: shown.query })), `, ${shown.value.toFixed(3)}`);
    }
    const text = element("div", { dir: "auto" });
    text.append(shown.left, element("b", { textContent: shown.text }), shown.right);
    matched.append(number);
    tip.replaceChildren(text, matched);
    tip.hidden = false;
    const room = root.clientWidth - tip.offsetWidth;
    const middle = event.clientX - root.getBoundingClientRect().left;
    tip.style.left = `${clamp(middle - tip.offsetWidth / 2, 0, room)}px`;
  }

  track.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    dragging = true;
    track.setPointerCapture(event.pointerId);
    move(tokenAt(event));
  });
  track.addEventListener("pointermove", (event) => {
    explainPlace(event);
    if (dragging) move(tokenAt(event));
  });
  for (const name of ["pointerup", "pointercancel"]) {
    track.addEventListener(name, () => (dragging = false));
  }
  track.addEventListener("pointerleave", () => (tip.hidden = true));
  track.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab would take it for a command
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const width = part[1] - part[0];
    const middle = (part[0] + part[1]) / 2;
    const step = Math.max(1, width / 8);
    const places = contents().marks.map((mark) => mark.token + 0.5);
    const next = places.find((place) => place > middle + 0.75) ?? places[0] ?? middle;
    const target = {
      ArrowLeft: middle - step,
      ArrowDown: middle - step,
      ArrowRight: middle + step,
      ArrowUp: middle + step,
      PageUp: middle + width,
      PageDown: middle - width,
      Home: 0,
      End: total(),
      Enter: next,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    move(target);
  });

  const observer = new ResizeObserver(draw);
  observer.observe(track);
  // Colours of the page's theme are read when drawing.
  model.on("change:contents", update);
  model.on("change:part", follow);
  model.on("change:pinned", draw);
  part = model.get("part");
  update();

  return () => {
    observer.disconnect();
    model.off("change:contents", update);
    model.off("change:part", follow);
    model.off("change:pinned", draw);
  };
}

export default { render: withPython(render) };
