// The cart: products with their quantities and at most one subscription, and what they cost now and later.
import { $, h } from "./dom.js";
import { money, overYear, period } from "./money.js";
import { t } from "./text.js";

const MOST = 1000;

/** @param {string} text */
export const small = (text) => h("span", { class: "quiet small" }, text);

/** A card of a device, with its quantity. @param {Product} product */
export function deviceCard(product) {
  const { id, name, description, unit_amount: amount, currency, available } = product;
  const buy = available ? stepper(`quantity:${id}`, t("quantity", { name }), 0) : small(t("unavailable"));
  const price = h("p", { class: "price amount" }, money(amount, currency));
  const text = h("div", { class: "text" }, h("h3", {}, name), small(description), h("div", { class: "buy" }, price, buy));
  return h("article", { class: "card product" }, picture(product), text);
}

/** Pictures lie beside these pages, or on a host of the shop's. @param {Product | undefined} product */
export const picture = (product) =>
  product?.image && h("figure", {}, h("img", { src: product.image, alt: "", width: 800, height: 600 }));

/** One more, one less, or a number typed. @param {string} name @param {string} label @param {number} min */
export function stepper(name, label, min) {
  const input = h("input", { id: name, name, type: "number", min, max: MOST, value: min, "aria-label": label });
  const step = (/** @type {number} */ by, /** @type {string} */ sign, /** @type {"less" | "more"} */ key) => {
    const click = () => {
      input.value = String(Math.min(MOST, Math.max(min, (Math.trunc(Number(input.value)) || 0) + by)));
      input.dispatchEvent(new Event("input", { bubbles: true }));
    };
    return h("button", { type: "button", "aria-label": t(key, { label }), click }, sign);
  };
  return h("div", { class: "stepper" }, step(-1, "−", "less"), input, step(1, "+", "more"));
}

/** One of several, as a card. @param {string} name @param {string} value @param {...Child} more */
export const choice = (name, value, ...more) =>
  h("label", { class: "card plan" }, h("input", { type: "radio", id: `${name}:${value}`, name, value }), ...more);

/** @param {Product} plan */
export function planCard(plan) {
  const { id, name, currency, description, available, unit_amount: amount, trial_days: days = 0 } = plan;
  const yearly = overYear(plan);
  const price = h("p", {}, h("span", { class: "price amount" }, money(amount, currency)), " ", small(period(plan)));
  const over = yearly !== null && h("p", { class: "small" }, t("over.year", { amount: money(yearly, currency) }));
  const trial = days > 0 && h("p", { class: "small" }, t("trial", { days }));
  const card = choice("plan", id, h("span", {}, name), h("div", { class: "cost" }, price, over, trial), small(available ? description : t("unavailable")));
  card.querySelector("input")?.toggleAttribute("disabled", !available);
  return card;
}

/** Write the summary of a cart that is not empty. @param {Line[]} lines */
export function summarise(lines) {
  const currency = lines[0].product.currency;
  const total = money(lines.reduce((sum, { product, quantity }) => sum + (product.trial_days ? 0 : product.unit_amount * quantity), 0), currency);
  const rows = lines.map(({ product, quantity }) => {
    const amount = product.trial_days ? t("free.now") : money(product.unit_amount * quantity, currency);
    return row(`${quantity} × ${product.name}`, amount, product.interval && small(` ${period(product)}`));
  });
  $("sums").replaceChildren(h("tbody", {}, ...rows), h("tfoot", {}, row(t("total"), total)));
  $("later").textContent = lines.map(later).join(" ");
  $("bar-total").textContent = total;
  const said = `${t("total")}: ${total}`;
  if ($("said").textContent !== said) $("said").textContent = said;
}

/** A row of a table of sums. @param {string} what @param {string} amount @param {Child} [more] */
export const row = (what, amount, more) =>
  h("tr", {}, h("th", { scope: "row" }, what, more), h("td", { class: "amount" }, amount));

/** What a subscription costs after today. @param {Line} line */
function later({ product, quantity }) {
  if (!product.interval) return "";
  const amount = money(product.unit_amount * quantity, product.currency);
  const days = product.trial_days ?? 0;
  const yearly = overYear(product);
  const over = yearly === null ? "" : t("over.year.total", { amount: money(yearly * quantity, product.currency) });
  return `${t(days ? "then.trial" : "then", { days, amount, period: period(product) })} ${over}`;
}
