// A panel that asks what becomes of texts before they are used: pasted ones, or the rows of a table.
import { element } from "../web/dom.js";

/** Make the panel, which is hidden at first; `className` names what it asks about. */
export const previewPanel = (className, properties = {}) =>
  element("div", { className: `ce-preview ${className}`, role: "group", hidden: true, ...properties });

/** Make the line of buttons at its end. */
export const previewActions = (...buttons) => element("div", { className: "ce-preview-actions" }, ...buttons);
