// The address of the page: what its fragment holds is opened, and it follows what is explained.
import { isLink, linkOf, readLink } from "./share_link.js";

/** Read and write the address, where the page owns it. */
export function pageAddress({ limits, ownsAddress, complain, onTexts }) {
  let last = 0;

  /** Open what the fragment holds; return whether it held texts. A damaged one changes nothing. */
  async function read(fragment = location.hash) {
    if (!ownsAddress || !isLink(fragment)) return false;
    const found = await readLink(fragment, limits());
    if (found.problem) {
      complain(found.problem);
      return false;
    }
    onTexts(found);
    return true;
  }

  /** Show texts in the address; texts that do not fit leave none, since it would be that of others. */
  async function show({ texts, options, shown, marks }) {
    if (!ownsAddress) return;
    const turn = ++last;
    const { fragment = "" } = await linkOf(texts, options, shown, marks);
    if (turn !== last || (!fragment && !isLink(location.hash))) return;
    try {
      history.replaceState(history.state, "", location.pathname + location.search + fragment);
    } catch {
      // Browsers allow so many changes in a minute; the next one counts.
    }
  }

  // An answer may have written another address by the time that this is told.
  const follow = ({ newURL }) => read(new URL(newURL).hash);
  if (ownsAddress) addEventListener("hashchange", follow);
  return { read, show, destroy: () => removeEventListener("hashchange", follow) };
}
