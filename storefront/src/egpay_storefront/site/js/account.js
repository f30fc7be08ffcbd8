// The way to the subscription: a link by e-mail. The answer is the same whether there is a subscription or not.
import { call } from "./api.js";
import { ask } from "./ask.js";
import { h } from "./dom.js";
import { field } from "./form.js";
import { recall } from "./keep.js";
import { frame, t } from "./text.js";

frame("title.account");
ask({
  before: [h("h1", {}, t("account")), h("p", { class: "quiet" }, t("account.more"))],
  fields: [field("email", t("your.email"), { type: "email", autocomplete: "email", maxlength: 254, value: recall("email") })],
  button: t("account.send"),
  send: (body) => call("/v1/billing-portal/sessions", { body }),
  done: () => [h("h1", {}, t("account.sent")), h("p", {}, t("account.sent.more"))],
});
