// The pointer over the drawing: pointing, a click or tap, and dragging the columns to either side.

const STILL = 4; // pixels that a click may move

/** Watch `place`. `cellAt(x, y)` finds a cell; `onPoint(cell | null)`, `onClick(cell)`; `onDrag(pixels, isFirst)`.
 *
 * Returns what ends that. */
export function watchPointer(place, { cellAt, onPoint, onClick, onDrag, canDrag }) {
  let from = null; // where the button went down
  let dragging = false;

  const cellOf = ({ clientX, clientY }) => {
    const { left, top } = place.getBoundingClientRect();
    return cellAt(clientX - left, clientY - top);
  };
  const acts = {
    pointerdown(event) {
      if (event.button) return;
      from = event.clientX;
      dragging = false;
      onPoint(cellOf(event));
    },
    pointermove(event) {
      if (from !== null && !dragging && Math.abs(event.clientX - from) > STILL && canDrag()) {
        dragging = true;
        place.setPointerCapture(event.pointerId);
        onDrag(0, true);
      }
      if (dragging) onDrag(event.clientX - from, false);
      else onPoint(cellOf(event));
    },
    pointerup(event) {
      if (from !== null && !dragging && Math.abs(event.clientX - from) <= STILL) {
        const cell = cellOf(event);
        if (cell) onClick(cell);
      }
      from = null;
      dragging = false;
    },
    pointercancel() {
      from = null;
      dragging = false;
    },
    pointerleave: () => onPoint(null),
  };
  for (const [name, act] of Object.entries(acts)) place.addEventListener(name, act);
  return () => {
    for (const [name, act] of Object.entries(acts)) place.removeEventListener(name, act);
  };
}
