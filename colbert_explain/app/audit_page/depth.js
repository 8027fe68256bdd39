// How deep a right document may be, in words.

export const withinDepth = (k) => (k === 1 ? "at rank 1" : `within the first ${k}`);
