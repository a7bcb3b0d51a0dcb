// Make elements from values, never from markup, so that text stays text.
const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

export const h = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
export const s = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

let last = 0;

/** A choice with its label: `options` are pairs of value and words. */
export function choice(words, options, value, change) {
  const id = `choice-${++last}`;
  const select = h("select", { id, change: () => change(select.value) }, options.map(
    ([key, text]) => h("option", { value: key, selected: String(key) === String(value) }, text)));
  return [h("label", { for: id }, words), select];
}

/** An icon that Yasr draws beside the name of a view: one path on a 24 by 24 grid. */
export const icon = (d) => s("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, s("path", { d }));

export const shorten = (text, length) => (text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text);

/** A picture as a file of its own, with the colours of the page. */
export function picture(svg, filename) {
  const copy = svg.cloneNode(true);
  const originals = [svg, ...svg.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, i) => {
    const seen = getComputedStyle(originals[i]);
    for (const name of ["fill", "stroke", "stroke-width", "font-family", "font-size", "font-weight", "text-anchor"])
      element.setAttribute(name, seen.getPropertyValue(name));
  });
  copy.setAttribute("xmlns", SVG);
  return { getData: () => new XMLSerializer().serializeToString(copy), contentType: "image/svg+xml", filename: `${filename || "answer"}.svg`, title: "Download the picture" };
}
