// Dragging across a text with the mouse. The browser's own selection would scroll the page and go on into other parts.

const ROOM = 2; // pixels from the edge of what is in sight: a place on the edge itself may belong to something else

/** Follow drags that begin in `box`.
 *
 * `base()` returns the range from which a press with Shift goes on, or null; `wordOf(node)` returns the word that a
 * second click is on, or null; `onDrag(range)` gets the stretch between the press and the pointer; `onEnd()` follows
 * after the last one. Returns what ends all that. */
export function wordDrag({ box, base, wordOf, onDrag, onEnd }) {
  let from = null; // where the button went down, or the range that it goes on from
  let isDrag = false;

  function press(event) {
    // A third click in a row selects the paragraph, as everywhere.
    if (event.button !== 0 || event.detail > 2 || !isOnText(event)) return;
    const word = event.detail === 2 ? wordOf(event.target) : null;
    from = (event.shiftKey && base()) || (word && rangeOf(word)) || collapsedAt(placeOf(event));
    if (!from) return;
    event.preventDefault();
    // What the browser would have done besides.
    document.getSelection()?.removeAllRanges();
    if (!box.contains(document.activeElement)) document.activeElement?.blur();
    isDrag = false;
    document.addEventListener("mousemove", move);
    document.addEventListener("mouseup", release);
    if (!from.collapsed) move(event);
  }

  function move(event) {
    if (!(event.buttons & 1)) return stop(); // released where the page could not see it
    const { top, bottom } = box.getBoundingClientRect();
    box.scrollTop += event.clientY - between(event.clientY, top, bottom);
    const place = placeOf(event);
    const range = place && stretched(from, place);
    if (!range || range.collapsed) return undefined;
    isDrag = true;
    return onDrag(range);
  }

  function release(event) {
    if (event.button === 0) stop();
  }

  function stop() {
    document.removeEventListener("mousemove", move);
    document.removeEventListener("mouseup", release);
    if (isDrag) onEnd();
    isDrag = false;
  }

  /** Whether a press is neither on a scroll bar nor on something that a press opens. */
  function isOnText({ target, clientX, clientY }) {
    const { left, top } = box.getBoundingClientRect();
    const [x, y] = [clientX - left - box.clientLeft, clientY - top - box.clientTop];
    return x >= 0 && x < box.clientWidth && y >= 0 && y < box.clientHeight && !target.closest?.("summary");
  }

  /** The place in the text nearest to the pointer: `[node, offset]`, or null. */
  function placeOf({ clientX, clientY }) {
    const { left, top, right, bottom } = box.getBoundingClientRect();
    const { paddingTop, paddingBottom } = getComputedStyle(box);
    const x = between(clientX, left + ROOM, right - ROOM);
    // Above and below the lines a place would be the beginning and the end of the whole text.
    const [first, last] = [top + Number.parseFloat(paddingTop), bottom - Number.parseFloat(paddingBottom)];
    const y = between(clientY, Math.max(first, 0) + ROOM, Math.min(last, innerHeight) - ROOM);
    const place = document.caretPositionFromPoint?.(x, y);
    const range = place ? null : document.caretRangeFromPoint?.(x, y); // Safari's older name
    const [node, offset] = place ? [place.offsetNode, place.offset] : [range?.startContainer, range?.startOffset];
    return box.contains(node) ? [node, offset] : null;
  }

  box.addEventListener("mousedown", press);
  return () => {
    box.removeEventListener("mousedown", press);
    isDrag = false;
    stop();
  };
}

const between = (value, low, high) => Math.min(Math.max(value, low), high);

function rangeOf(node) {
  const range = document.createRange();
  range.selectNodeContents(node);
  return range;
}

function collapsedAt(place) {
  if (!place) return null;
  const range = document.createRange();
  range.setStart(...place);
  return range;
}

/** Let a range reach to a place on either side of it. */
function stretched(base, place) {
  const range = base.cloneRange();
  const side = range.comparePoint(...place);
  if (side < 0) range.setStart(...place);
  if (side > 0) range.setEnd(...place);
  return range;
}
