// How an order stands, from checkout-api and never from the redirect; the page stays and follows it to the door.
import { Problem, call, sleep } from "./api.js";
import { row, small } from "./cart.js";
import { $, h, webLink } from "./dom.js";
import { keep, recall } from "./keep.js";
import { money, period } from "./money.js";
import { day, frame, t, textOr } from "./text.js";

const UNPAID = ["in_progress", "expired", "payment_failed"];
/** @type {Record<string, Step["state"]>} */
const PAYMENT = { paid: "done", refunded: "done", expired: "bad", payment_failed: "bad", cancelled: "bad" };
/** @type {Record<string, Step["state"]>} */
const PARCEL = { delivered: "done", returned: "bad", failed: "bad", cancelled: "bad" };
/** Milliseconds: while a report of the payment is on its way, and between questions. */
const [JUST_PAID, SOON, SLOW, SETTLED] = [20_000, 500, 15_000, 60_000];

const id = new URLSearchParams(location.search).get("sale") ?? "";
const path = `/v1/sales/${encodeURIComponent(id)}`;
const opened = Date.now();
let shown = "";

/** @param {Sale} sale @returns {Step[]} */
function stepsOf({ status, account, introduced, subscription, lines = [], shipments = [] }) {
  /** @type {Step[]} */
  const steps = [{ state: "done", title: t("step.placed") }, { state: PAYMENT[status] ?? "now", title: textOr(`step.${status}`, "step.in_progress") }];
  const open = { state: /** @type {const} */ ("done"), title: t("step.open"), more: [h("p", { class: "quiet" }, t(introduced ? "step.introduced" : "step.introducing"))] };
  if (account === "open") steps.push(open);
  else if (account === "opening") steps.push({ state: "now", title: t("step.opening") });
  else if (subscription || lines.some(({ kind }) => kind === "subscription")) steps.push({ state: "", title: t("step.account") });
  if (!shipments.length && lines.some(({ kind }) => kind === "device")) steps.push({ state: "", title: t("parcel") });
  for (const { status: word, carrier, tracking_number: number, tracking_url: url } of shipments) {
    const by = (carrier || number) && h("p", { class: "quiet" }, [carrier, number].filter(Boolean).join(" "));
    steps.push({ state: PARCEL[word] ?? "now", title: textOr(`parcel.${word}`, "parcel"), more: [by, webLink(url, t("track"))] });
  }
  return steps;
}

/** @param {Step} step */
function stepItem({ state, title, more = [] }) {
  const said = (state === "done" || state === "bad") && h("span", { class: "unseen" }, t(`state.${state}`));
  return h("li", { class: state, "aria-current": state === "now" && "step" }, h("h2", {}, title), said, ...more);
}

/** @param {Sale} sale */
function bill({ lines = [], total, currency, total_details: details }) {
  if (!currency || total === undefined) return null;
  const { discount = 0, shipping = 0, tax = 0 } = details ?? {};
  const rows = lines.map((line) => {
    const { quantity, name, unit_amount: amount, interval, trial_days: trial } = line;
    const price = trial ? t("free.now") : money(amount * quantity, currency);
    return row(`${quantity} × ${name}`, price, interval && small(` ${period(line)}`));
  });
  for (const [name, amount] of Object.entries({ discount: -discount, shipping, tax })) {
    if (amount) rows.push(row(textOr(`sum.${name}`, "sum"), money(amount, currency)));
  }
  const foot = h("tfoot", {}, row(t("sum"), money(total - discount + shipping + tax, currency)));
  return h("table", { class: "sums" }, h("caption", {}, t("summary")), h("tbody", {}, ...rows), foot);
}

/** Where to go from here: pay, look at papers, print, withdraw. @param {Sale} sale @param {string} word */
function ways({ status, documents = [], continue_url: url, withdraw_until: until }, word) {
  const pay = UNPAID.includes(word) && h("a", { class: "button", href: url }, textOr(`pay.${word}`, "pay.in_progress"));
  const papers = documents.map(({ kind, url: paper }) => webLink(paper, textOr(`paper.${kind}`, "paper"), { class: "button plain" }));
  const print = !UNPAID.includes(status) && h("button", { class: "button plain", click: () => window.print() }, t("print"));
  const withdraw = h("a", { href: `./withdraw?sale=${encodeURIComponent(id)}` }, t("withdraw.link"));
  return h("div", { class: "stack no-print" }, h("p", { class: "row" }, pay, ...papers, print), until && h("p", {}, withdraw, " ", h("span", { class: "quiet small amount" }, t("withdraw.until", { day: day(`${until.slice(0, 10)}T12:00`) }))));
}

/** Show it, and tell whether more is to come. @param {Sale} sale */
function render(sale) {
  const word = sale.status === "in_progress" && Date.now() - opened < JUST_PAID ? "checking" : sale.status;
  const steps = stepsOf(sale);
  const moving = steps.some(({ state }) => state === "now" || (!state && sale.status === "paid"));
  const now = JSON.stringify([sale, word]);
  if (now === shown) return moving;
  shown = now;
  const title = textOr(`order.${word}`, "order.in_progress");
  const focused = document.activeElement?.textContent;
  $("page").replaceChildren(
    h("div", { class: "stack" }, h("h1", {}, title), h("p", { class: "quiet" }, textOr(`order.${word}.more`, "order.stays"))),
    h("div", { class: "card" }, h("ol", { class: "steps" }, ...steps.map(stepItem)), ways(sale, word)),
    h("div", { class: "card stack" }, bill(sale), h("p", { class: "quiet small" }, `${t("order.number")} ${sale.id}`, h("br"), sale.created_at && day(sale.created_at))),
    h("p", { class: "quiet small no-print" }, t("order.stays")),
  );
  const again = [...document.querySelectorAll("#page a, #page button")].find((one) => one.textContent === focused);
  if (again instanceof HTMLElement) again.focus();
  $("said").textContent = [title, ...steps.filter(({ state }) => state === "now").map((step) => step.title)].join(". ");
  forget(sale.status);
  return moving;
}

/** What is ordered leaves the store's form; a page that is closed leaves no key that leads to it. @param {string} status */
function forget(status) {
  if (recall("sale") !== id || status === "in_progress") return;
  keep("key", null);
  if (UNPAID.includes(status)) return;
  keep("sale", null);
  const typed = Object.entries(recall("form") ?? {});
  keep("form", Object.fromEntries(typed.filter(([name]) => !/^(quantity:|plan$|seats$)/.test(name))));
}

/** @param {Said} key */
const say = (key) => $("page").replaceChildren(h("h1", {}, t(key)), h("p", { class: "quiet" }, t(`${key}.more`)));

const visible = () =>
  new Promise((resolve) => {
    if (!document.hidden) resolve(null);
    else document.addEventListener("visibilitychange", resolve, { once: true });
  });

/** Ask until the tab is closed: at once when something changed, more and more slowly when the answers come early. */
async function follow() {
  /** @type {number | undefined} */
  let version;
  let pause = SOON;
  let moving = true;
  for (let failed = 0; ; ) {
    await visible();
    const asked = Date.now();
    try {
      /** @type {Sale} */
      const sale = await call(path + (version === undefined || !moving ? "" : `?wait=20&since=${version}`), { patience: 40_000 });
      failed = 0;
      moving = render(sale);
      pause = sale.version !== version || Date.now() - asked > 10_000 ? SOON : Math.min(pause * 1.5, SLOW);
      version = sale.version;
      await sleep(moving ? pause : SETTLED);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      failed += 1;
      if (error.status === 404 && failed > 3) return say("order.unknown");
      if (failed > 2 && !shown) say("order.away");
      await sleep(Math.max(error.wait * 1000, Math.min(SOON * 2 ** failed, SLOW)));
    }
  }
}

frame("title.order");
say("order.checking");
$("main").append(h("p", { id: "said", class: "unseen", role: "status" }));
void follow();
