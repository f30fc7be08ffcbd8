// The way into a new account. It asks before it redeems, because mail scanners open links.
import { call } from "./api.js";
import { ask, say } from "./ask.js";
import { h, webLink } from "./dom.js";
import { keep, takeSecret } from "./keep.js";
import { frame, t } from "./text.js";

const body = { token: takeSecret("token") };

/** @param {Said} key */
const words = (key) => [h("h1", {}, t(key)), h("p", { class: "quiet" }, t(`${key}.more`))];

/** Whose account is open, and the way to the product, unless its address is only this store's.
 * @param {{ organisation: string, email: string, app_url: string | null }} entered */
function welcome({ organisation, email, app_url: url }) {
  keep("token", null);
  const elsewhere = url && !new URL(".", location.href).href.startsWith(url);
  const way = elsewhere && webLink(url, t("invitation.go"), { class: "button" });
  return [h("h1", {}, t("invitation.open")), h("p", {}, t("invitation.whose", { organisation, email })), way || h("p", {}, t("invitation.next"))];
}

/** @param {Problem} problem */
function refused({ word }) {
  if (word === "invitation-expired") renew();
  else if (word === "invitation-used") say(...words("invitation.used"));
  else if (word === "validation") say(...words("invitation.broken"));
  else return false;
  return true;
}

const renew = () =>
  ask({
    before: words("invitation.expired"),
    button: t("invitation.renew"),
    send: () => call("/v1/invitations/renew", { body }),
    done: () => words("invitation.renewed"),
  });

addEventListener("hashchange", () => location.hash.includes("token=") && location.reload()); // a newer link

frame("title.invitation");
if (body.token) {
  const send = () => call("/v1/invitations/redeem", { body });
  ask({ before: words("invitation"), button: t("invitation.enter"), send, done: welcome, refused });
} else say(...words("invitation.broken"));
