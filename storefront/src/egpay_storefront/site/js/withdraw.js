// Withdrawal from a contract in two steps, without a login (Directive 2011/83/EU, article 11a).
import { call } from "./api.js";
import { ask } from "./ask.js";
import { h } from "./dom.js";
import { field } from "./form.js";
import { frame, locale, t } from "./text.js";

const times = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" });
const value = new URLSearchParams(location.search).get("sale");

frame("title.withdraw");
ask({
  before: [h("h1", {}, t("withdraw")), h("p", { class: "quiet" }, t("withdraw.more"))],
  fields: [
    field("name", t("your.name"), { autocomplete: "name", maxlength: 200 }),
    field("sale_id", t("order.number"), { value, autocomplete: "off", spellcheck: "false", maxlength: 60 }, t("withdraw.number")),
    field("email", t("your.email"), { type: "email", autocomplete: "email", maxlength: 254 }, t("withdraw.email")),
    field("statement", t("withdraw.part"), { rows: 3, required: false, maxlength: 1000 }, t("withdraw.part.more")),
  ],
  button: t("withdraw.confirm"),
  send: (body) => call("/v1/withdrawals", { body }),
  done: ({ declared_at: at }) => [h("h1", {}, t("withdraw.done")), h("p", {}, t("withdraw.done.more", { time: times.format(new Date(at)) }))],
});
