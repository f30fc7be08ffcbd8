// The store: choose, say who it is for, and go to the payment page. What was typed stays until the order is paid.
import { PAYMENTS } from "../config.js";
import { PARTS, countryName, listCountries, showFields } from "./address.js";
import { Problem, call, newKey, sleep } from "./api.js";
import { choice, deviceCard, picture, planCard, small, stepper, summarise } from "./cart.js";
import { $, control, controls, h, isWorking, working } from "./dom.js";
import { clear, corrected, faultsIn, field, notice, problemNotice, show, wrong } from "./form.js";
import { keep, recall, takeSecret } from "./keep.js";
import { frame, locale, t, textOr } from "./text.js";

/** A payment page lives 24 hours: an older key would lead to one that is closed. */
const KEY_LIVES = 20 * 3600_000;

/** The billing portal leads back with it; an order that holds it uses the customer that is known. */
const token = takeSecret("customer_token");
const form = /** @type {HTMLFormElement} */ ($("order"));
const send = $("send");
/** @type {Product[]} */
let products = [];
/** @type {Record<string, string>} */
const typed = recall("form") ?? {};
/** @type {Promise<void> | null} */
let offered = null;

/** @param {HTMLInputElement} one */
const isOn = ({ type, checked }) => !["radio", "checkbox"].includes(type) || checked;

/** @param {string} name */
const value = (name) => controls(form).find((one) => one.name === name && isOn(one))?.value.trim() ?? "";

/** @param {string} name */
const number = (name) => Math.trunc(Number(value(name))) || 0;

/** What is in the cart, in the catalogue's order. @returns {Line[]} */
const lines = () =>
  products
    .map((product) => {
      const seats = value("plan") === product.id ? number("seats") || 1 : 0;
      return { product, quantity: product.kind === "device" ? number(`quantity:${product.id}`) : seats };
    })
    .filter(({ quantity }) => quantity > 0);

function remember() {
  for (const one of controls(form)) if (isOn(one)) typed[one.name] = one.value;
  keep("form", typed);
}

function restore() {
  for (const one of controls(form)) {
    const before = typed[one.name];
    if (one.type === "radio") one.checked = one.value === before || one.value === (one.name === "plan" ? "" : "card");
    else if (before !== undefined && one.type !== "checkbox") one.value = before;
  }
}

/** Show what belongs to the cart as it is now. */
function update() {
  const cart = lines();
  const ships = cart.some(({ product }) => product.kind === "device");
  $("seats").hidden = !value("plan");
  $("shipping").hidden = !ships;
  $("shipping").toggleAttribute("disabled", !ships);
  if (ships) offered ??= offerCountries();
  for (const id of ["sums", "bar", "later"]) $(id).hidden = !cart.length;
  $("nothing").hidden = !!cart.length;
  if (cart.length) summarise(cart);
  send.textContent = t(value("payment") === "invoice" ? "send.invoice" : "send");
}

async function offerCountries() {
  try {
    if (!offered) await listCountries($("country"), typed["country"]);
    if (value("country")) await showFields(value("country"), typed);
  } catch (problem) {
    problemNotice(problem instanceof Problem ? problem : new Problem(0));
    await sleep(10_000);
    offered = null;
  }
}

/** The catalogue of one currency, because a cart is charged in one. @param {string | undefined} currency */
function showProducts(currency) {
  const listed = products.filter((product) => product.currency === currency);
  const devices = listed.filter(({ kind }) => kind === "device");
  const plans = listed.filter(({ kind }) => kind === "subscription");
  $("devices").hidden = !devices.length;
  $("device-list").replaceChildren(...devices.map(deviceCard));
  $("plans").hidden = !plans.length;
  $("banner").replaceChildren(picture(plans.find(({ image }) => image)) || "");
  const none = choice("plan", "", h("span", {}, t("plan.none")), small(t("plan.none.more")));
  $("plan-list").replaceChildren(none, ...plans.map(planCard));
  restore();
  update();
}

function showForm() {
  $("buyer").append(
    field("organisation", t("organisation"), { autocomplete: "organization", maxlength: 200 }),
    field("name", t("name"), { autocomplete: "name", maxlength: 200 }, "", "half"),
    field("email", t("email"), { type: "email", autocomplete: "email", maxlength: 254 }, t("email.hint"), "half"),
    field("billing_email", t("billing"), { type: "email", required: false, autocomplete: "billing email", maxlength: 254 }, t("billing.hint")),
    h("label", { class: "field check", id: "another", hidden: true }, h("input", { type: "checkbox", id: "another_organisation", name: "another_organisation" }), t("another")),
  );
  $("parcel").append(
    field("country", t("country"), { options: [], autocomplete: "shipping country" }),
    h("div", { class: "field fields", id: "address" }),
    field("phone", t("phone"), { type: "tel", required: false, autocomplete: "tel", maxlength: 20 }, t("phone.hint")),
  );
  for (const one of PAYMENTS) {
    $("payments").append(choice("payment", one, h("span", {}, t(`payment.${one}`)), small(t(`payment.${one}.more`))));
  }
  $("payment").hidden = PAYMENTS.length < 2;
  $("seats").append(h("span", {}, t("seats"), h("br"), small(t("seats.hint"))), stepper("seats", t("seats"), 1));
  $("country").addEventListener("change", offerCountries);
}

async function open() {
  frame("title.store");
  $("loading").hidden = false;
  const unpaid = new URLSearchParams(location.search).get("cancelled");
  if (unpaid) void cameBack(unpaid);
  products = (await call("/v1/products").catch(() => null)) ?? [];
  $("loading").textContent = t("store.away");
  if (!products.length) return;
  $("loading").hidden = true;
  form.hidden = false;
  showForm();
  const currencies = [...new Set(products.map(({ currency }) => currency))];
  if (currencies.length > 1) offerCurrencies(currencies);
  showProducts(currencies.find((one) => one === typed["currency"]) ?? currencies[0]);
}

/** @param {string[]} currencies */
function offerCurrencies(currencies) {
  const place = $("currencies");
  place.append(field("currency", t("currency"), { options: currencies.map((one) => [one, one.toUpperCase()]) }));
  place.querySelector("option")?.remove();
  place.addEventListener("change", () => showProducts(value("currency")));
  place.hidden = false;
}

/** The way on, unless it was paid after all. @param {string} id */
async function cameBack(id) {
  const sale = encodeURIComponent(id);
  const { status, continue_url: href } = await call(`/v1/sales/${sale}`).catch(() => ({}));
  if (!href) return status && location.replace(`./success?sale=${sale}`);
  const pay = h("a", { class: "button plain", href }, t("back.pay"));
  $("back").append(h("div", { class: "note" }, h("h2", {}, t("back")), h("p", {}, t("back.more")), h("p", {}, pay)));
  $("back").hidden = false;
}

/** The values of these that are not empty. @param {string[]} names */
const filled = (names) => Object.fromEntries(names.map((name) => [name, value(name)]).filter(([, text]) => text));

/** The order as checkout-api takes it. @param {Line[]} cart */
function body(cart) {
  const ships = !$("shipping").hidden;
  return {
    line_items: cart.map(({ product, quantity }) => ({ product: product.id, quantity })),
    ...filled(["organisation", "name", "email", "billing_email", ...(ships ? ["phone"] : [])]),
    ...(ships && { shipping_address: filled(["country", ...PARTS]) }),
    ...(value("another_organisation") && { another_organisation: true }),
    locale,
    payment: value("payment") || "card",
    ...(/^[\w-]{43}$/.test(token ?? "") && { customer_token: token }),
  };
}

/** One key per state of the form: a second click or a second try is the same order. @param {unknown} order */
function keyOf(order) {
  const text = JSON.stringify(order);
  const before = recall("key");
  if (before?.text === text && Date.now() - before.at < KEY_LIVES) return before.key;
  const key = newKey();
  keep("key", { text, key, at: Date.now() });
  return key;
}

/** @param {object} order @returns {Promise<{ sale_id: string, checkout_url: string | null }>} */
async function place(order, tries = 5) {
  try {
    return await call("/v1/checkout/sessions", { body: order, key: keyOf(order), patience: 60_000 });
  } catch (problem) {
    if (!(problem instanceof Problem) || !tries || !problem.word.startsWith("idempotency")) throw problem;
    if (problem.word === "idempotency-mismatch") keep("key", null);
    await sleep((problem.wait || 1) * 1000);
    return place(order, tries - 1);
  }
}

/** The control that a field of the body came from. @param {string} path @param {Line[]} cart */
function nameOf(path, cart) {
  const line = /^line_items\[(\d+)\]/.exec(path);
  if (!line) return path === "shipping_address" ? "country" : path.replace(/^shipping_address\./, "");
  const product = cart[Number(line[1])]?.product;
  return product?.kind === "device" ? `quantity:${product.id}` : path.endsWith("quantity") ? "seats" : "plan";
}

/** @param {Problem} problem @param {Line[]} cart */
function refuse(problem, cart) {
  if (problem.word === "already-subscribed") {
    keep("email", value("email"));
    $("another").hidden = false;
    notice(h("p", {}, t("problem.already-subscribed")), h("p", {}, h("a", { href: "./account" }, t("nav.account"))));
  } else if (problem.errors.length) {
    const faults = problem.errors.map(({ field: path, message }) => {
      const name = nameOf(path, cart);
      const one = control(form, name);
      if (name === "country" && value(name)) return { name, text: t("wrong.country", { country: countryName(value(name)) }) };
      return { name, text: one ? wrong(one) : textOr(`wrong.${name}`, "wrong.other", { message }) };
    });
    show(form, faults);
  } else problemNotice(problem);
}

async function submit() {
  const cart = lines();
  const faults = faultsIn(form);
  if (!cart.length) faults.unshift({ name: "", text: t("nothing") });
  if (faults.length) return show(form, faults);
  clear(form);
  working(send, true);
  try {
    const { sale_id: sale, checkout_url: url } = await place(body(cart));
    keep("sale", sale);
    location.assign(url ?? `./success?sale=${encodeURIComponent(sale)}`);
  } catch (problem) {
    working(send, false);
    refuse(problem instanceof Problem ? problem : new Problem(0), cart);
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!isWorking(send)) void submit();
});
form.addEventListener("input", (event) => {
  corrected(event);
  remember();
  update();
});
// Back from the payment page, the browser may show the page as it was left.
addEventListener("pageshow", () => working(send, false));
void open();
