// Elements, built from text alone: nothing that came over the wire is read as HTML.

/** An attribute that is a function is a listener. @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, unknown>} [attributes] @param {...Child} children */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, /** @type {EventListener} */ (value));
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== false && child != null));
  return element;
}

/** @param {string} id */
export function $(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

/** @param {HTMLElement} form @returns {Control[]} */
export const controls = (form) => Array.from(form.querySelectorAll("input[name], select, textarea"));

/** @param {HTMLElement} form @param {string} name */
export const control = (form, name) => controls(form).find((one) => one.name === name);

/** A link only to a web page: `javascript:` and its like lead nowhere.
 * @param {string | null | undefined} href @param {string} text @param {Record<string, unknown>} [more] */
export const webLink = (href, text, more) => /^https?:\/\//.test(href ?? "") && h("a", { href, ...more }, text);

/** Show that a button works, and that it takes no second press. @param {HTMLElement} button @param {boolean} busy */
export const working = (button, busy) => button.toggleAttribute("data-busy", busy);

/** @param {HTMLElement} button */
export const isWorking = (button) => button.hasAttribute("data-busy");
