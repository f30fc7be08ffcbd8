// Forms: fields with their labels, what is to be corrected beside each and in one list, and other problems.
import { $, control, controls, h } from "./dom.js";
import { t, textOr } from "./text.js";

/** A field; `rows` make it a text area, `options` of [value, label] a choice. @param {string} name @param {string} label
 * @param {Record<string, unknown>} [attributes] @param {string} [hint] @param {string} [width] */
export function field(name, label, { rows, options, ...attributes } = {}, hint = "", width = "") {
  const tag = rows ? "textarea" : options ? "select" : "input";
  const described = hint ? `${name}-hint` : null;
  const input = h(tag, { id: name, name, required: true, "data-hint": described, rows, ...attributes });
  if (options) {
    const listed = /** @type {string[][]} */ (options).map(([value, text]) => h("option", { value }, text));
    input.append(h("option", { value: "" }, t("choose")), ...listed);
  }
  mark(/** @type {Control} */ (input), "");
  const more = !input.required && h("span", { class: "quiet" }, ` ${t("optional")}`);
  const words = h("label", { for: name }, h("span", {}, label), more);
  return h("div", { class: `field ${width}` }, words, input, hint && h("p", { class: "hint", id: described }, hint));
}

/** Faults that need no server, all at once. @param {HTMLFormElement} form @returns {Fault[]} */
export const faultsIn = (form) =>
  controls(form)
    .filter((one) => one.matches(":enabled") && (!one.checkValidity() || (one.required && !one.value.trim())))
    .map((one) => ({ name: one.name, text: wrong(one) }));

/** What a control needs, in our own words: the API's are English. @param {Control} one */
export function wrong(one) {
  const label = one.getAttribute("aria-label") ?? one.labels?.[0]?.querySelector("span")?.textContent ?? one.name;
  const { example = "" } = one.dataset;
  if (!one.value.trim() && !/number|radio/.test(one.type)) return t("need", { label });
  const key = one.name === "postal_code" && !example ? "" : one.name.split(":")[0];
  return textOr(`wrong.${key}`, "wrong", { label, example });
}

/** @param {Control} one @param {string} fault the id of its text */
function mark(one, fault) {
  if (fault) one.setAttribute("aria-invalid", "true");
  else one.removeAttribute("aria-invalid");
  const described = `${one.dataset["hint"] ?? ""} ${fault}`.trim();
  if (described) one.setAttribute("aria-describedby", described);
  else one.removeAttribute("aria-describedby");
}

/** The fault of a field goes when it is changed, and the list with the last one. @param {Event} event */
export function corrected(event) {
  const one = /** @type {Control} */ (event.target);
  document.getElementById(`${one.id}-fault`)?.remove();
  mark(one, "");
  if (!document.querySelector(".fault")) $("notice").hidden = true;
}

/** @param {HTMLFormElement} form */
export function clear(form) {
  for (const one of form.querySelectorAll(".fault")) one.remove();
  for (const one of controls(form)) mark(one, "");
  $("notice").hidden = true;
}

/** @param {HTMLFormElement} form @param {Fault[]} faults */
export function show(form, faults) {
  clear(form);
  const items = faults.map(({ name, text }) => {
    const one = control(form, name);
    if (!one) return h("li", {}, text);
    const id = `${one.id}-fault`;
    if (!one.hasAttribute("aria-invalid")) (one.closest(".stepper, .plan, .check") ?? one).after(h("p", { class: "fault", id }, text));
    mark(one, id);
    const click = (/** @type {Event} */ event) => {
      event.preventDefault();
      one.focus();
    };
    return h("li", {}, h("a", { href: `#${one.id}`, click }, text));
  });
  notice(h("h2", {}, t("correct")), h("ul", {}, ...items));
}

/** @param {Problem} problem */
export function problemNotice({ word, status }) {
  notice(h("p", {}, textOr(word === "payment-provider" ? `problem.${word}-${status}` : `problem.${word}`, "problem")));
}

/** @param {...Node} children */
export function notice(...children) {
  const place = $("notice");
  place.replaceChildren(...children);
  place.hidden = false;
  place.focus();
}
