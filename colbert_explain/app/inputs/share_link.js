// An address's fragment that holds query, documents, view and what is marked. A browser never sends it to a server.
import { countAll, sizeProblem, tooManyDocuments } from "./size_limits.js";
import { readRecord, recordOf } from "./text_record.js";

export const LONGEST_LINK = 8192; // characters of a fragment
const BROKEN = "These texts cannot be put in a link: one contains half a character (a lone surrogate).";
export const TOO_LONG = "These texts are too long for a link. Save the page instead.";
const DAMAGED = "The link is damaged, so its texts could not be opened.";
const MARKED = /^#(?:q|d|n|z)=/;
const LETTERS = /^[\w-]+$/;
const PLACE = /^[1-9]\d{0,5}$/;
const PAIR = /^([1-9]\d{0,5}),([1-9]\d{0,5})$/;

/** Return `{ fragment }`, which begins with #, or `{ problem }`, a sentence. */
export async function linkOf(texts, options, shown, marks) {
  const record = recordOf(texts, options, shown, marks);
  if (!readRecord(record)) return { problem: BROKEN };
  const plain = plainFragment(record);
  if (plain.length <= LONGEST_LINK / 4) return { fragment: plain };
  const packed = await packedFragment(record);
  const shortest = packed && packed.length < plain.length ? packed : plain;
  return shortest.length <= LONGEST_LINK ? { fragment: shortest } : { problem: TOO_LONG };
}

/** Check whether an address's fragment claims to hold texts. */
export function isLink(fragment) {
  return MARKED.test(fragment);
}

/** Return what a fragment holds as `readRecord` does, or `{ problem }`, a sentence. */
export async function readLink(fragment, limits) {
  let found = null;
  try {
    const isPacked = fragment.startsWith("#z=");
    const record = isPacked ? await unpackedRecord(fragment.slice(3), limits) : plainRecord(fragment.slice(1));
    found = record && readRecord(record);
  } catch {
    found = null; // whatever is wrong with it
  }
  if (!found) return { problem: DAMAGED };
  const { texts } = found;
  const tooMuch = tooManyDocuments(texts.documents.length, limits) || sizeProblem(countAll(texts), 0, limits);
  return tooMuch ? { problem: `The link was not opened. ${tooMuch}` } : found;
}

// An address counts from 1, and names the last of some columns instead of the one after it.
function plainFragment({ query, documents, names = [], view = [], shown, pin, without }) {
  const parts = [["q", query], ...documents.map((text) => ["d", text]), ...names.map((name) => ["n", name])];
  if (view.length) parts.push(["view", view.join(",")]);
  if (shown !== undefined) parts.push(["show", String(shown + 1)]);
  if (pin) parts.push(["pin", `${pin[0] + 1},${pin[1] + 1}`]);
  if (without) parts.push(["without", `${without[0] + 1},${without[1]}`]);
  return `#${parts.map(([key, value]) => `${key}=${encoded(value)}`).join("&")}`;
}

const encoded = (value) => encodeURIComponent(value).replaceAll("%2C", ",");

function plainRecord(fragment) {
  const record = { query: null, documents: [] };
  for (const part of fragment.split("&")) {
    const at = part.indexOf("=");
    if (at < 0) return null;
    const value = decodeURIComponent(part.slice(at + 1).replaceAll("+", " "));
    const key = part.slice(0, at);
    if (key === "d") record.documents.push(value);
    else if (key === "n") (record.names ??= []).push(value);
    else if (key === "q" && record.query === null) record.query = value;
    else if (key === "view" && !record.view) record.view = value.split(",");
    else if (key === "show" && record.shown === undefined && PLACE.test(value)) record.shown = Number(value) - 1;
    else if ((key === "pin" || key === "without") && record[key] === undefined && PAIR.test(value)) {
      const [, one, other] = PAIR.exec(value).map(Number);
      record[key] = key === "pin" ? [one - 1, other - 1] : [one - 1, other];
    } else return null;
  }
  return record;
}

async function packedFragment(record) {
  if (!globalThis.CompressionStream) return null;
  const bytes = new TextEncoder().encode(JSON.stringify(record));
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const packed = await collected(stream, Infinity);
  let letters = "";
  for (let i = 0; i < packed.length; i += 32768) letters += String.fromCharCode(...packed.subarray(i, i + 32768));
  return `#z=${btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

async function unpackedRecord(letters, limits) {
  if (!LETTERS.test(letters) || letters.length > LONGEST_LINK) return null;
  const binary = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  const packed = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = await collected(stream, limits.message);
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}

/** Read a stream to its end; a few bytes can stand for gigabytes, so no more than `most` are taken. */
async function collected(stream, most) {
  const reader = stream.getReader();
  const parts = [];
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    parts.push(next.value);
    length += next.value.length;
    if (length > most) {
      await reader.cancel();
      throw new RangeError("too long");
    }
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
