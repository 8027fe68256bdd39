// A button that opens a list of things to choose from.
import { arrowKeys, button, element, freshId } from "../web/dom.js";

const MARGIN = 8; // pixels between a menu and the window's edge

/** Make a menu. `items()` returns, each time it opens, `{ group }`, `{ label, note, act, isChosen }` or `{ node }`. */
export function menu({ label, items, title = "" }) {
  const id = freshId("menu");
  const list = element("div", { id, className: "ce-menu-list", popover: "auto", role: "menu", "aria-label": label });
  const opener = button(label, () => {}, "ce-menu-button");
  opener.title = title;
  opener.popoverTargetElement = list;
  for (const [name, value] of [
    ["aria-haspopup", "menu"],
    ["aria-controls", list.id],
    ["aria-expanded", "false"],
  ]) {
    opener.setAttribute(name, value);
  }
  opener.append(element("span", { className: "ce-menu-arrow", ariaHidden: "true", textContent: "▾" }));
  const node = element("div", { className: "ce-menu" }, opener, list);

  const entries = () => [...list.querySelectorAll("[role^=menuitem]:not(:disabled)")];

  function close() {
    if (list.matches(":popover-open")) list.hidePopover();
  }

  function fill() {
    let place = list;
    list.replaceChildren();
    for (const item of items()) {
      if (item.group !== undefined) {
        const heading = element("p", { className: "ce-menu-group", id: freshId("group"), textContent: item.group });
        place = element("div", { role: "group", "aria-labelledby": heading.id }, heading);
        list.append(place);
      } else if (item.node) {
        (item.isLast ? list : place).append(item.node);
      } else {
        place.append(entry(item));
      }
    }
  }

  function entry({ label: text, note = "", act, isChosen, keepsOpen = false }) {
    const one = button(
      "",
      () => {
        if (!keepsOpen) {
          close();
          opener.focus();
        }
        act();
      },
      "ce-menu-item",
    );
    one.setAttribute("role", isChosen === undefined ? "menuitem" : "menuitemradio");
    if (isChosen !== undefined) one.setAttribute("aria-checked", String(isChosen));
    one.append(element("span", { className: "ce-menu-label", dir: "auto", textContent: text }));
    if (note) one.append(element("span", { className: "ce-menu-note", textContent: note }));
    return one;
  }

  function place() {
    const from = opener.getBoundingClientRect();
    const [width, height] = [list.offsetWidth, list.offsetHeight];
    const isBelow = from.bottom + height + MARGIN <= innerHeight || from.top < innerHeight / 2;
    const room = isBelow ? innerHeight - from.bottom - MARGIN - 4 : from.top - MARGIN - 4;
    list.style.maxHeight = `${Math.max(room, 120)}px`;
    const right = document.documentElement.clientWidth - width - MARGIN;
    list.style.left = `${Math.max(MARGIN, Math.min(from.left, right))}px`;
    list.style.top = isBelow ? `${from.bottom + 4}px` : `${Math.max(MARGIN, from.top - 4 - Math.min(height, room))}px`;
  }

  // The page scrolls away under a list that stays where it is.
  const onScroll = (event) => event.target !== list && close();
  list.addEventListener("beforetoggle", (event) => event.newState === "open" && fill());
  list.addEventListener("toggle", (event) => {
    const isOpen = event.newState === "open";
    opener.setAttribute("aria-expanded", String(isOpen));
    (isOpen ? addEventListener : removeEventListener)("scroll", onScroll, true);
    if (!isOpen) return;
    place();
    (list.querySelector("[aria-checked=true]") ?? entries()[0])?.focus();
  });
  list.addEventListener("keydown", (event) => {
    const all = entries();
    const here = all.indexOf(document.activeElement);
    if (here >= 0) arrowKeys(event, here, all.length, (to) => all[to].focus());
    if (event.key === "Tab") close();
  });
  opener.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    list.showPopover();
  });

  return {
    node,
    close,
    destroy() {
      removeEventListener("scroll", onScroll, true);
    },
  };
}
