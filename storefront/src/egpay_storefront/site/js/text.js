// Languages, one file of texts each, and the frame of every page in the one that the buyer reads first.
import { SELLS_TO } from "../config.js";
import { h } from "./dom.js";
import { keep, recall } from "./keep.js";

const LANGUAGES = ["en", "de"];

const query = new URLSearchParams(location.search);
if (query.has("lang")) keep("language", query.get("lang"), "localStorage");
const read = [query.get("lang") ?? recall("language", "localStorage") ?? "", ...navigator.languages].map((tag) => tag.toLowerCase().split("-")[0]);
export const language = read.find((one) => LANGUAGES.includes(one)) ?? "en";
/** With the buyer's region, for amounts and dates. */
export const locale = navigator.languages.find((tag) => RegExp(`^${language}(-[a-z]{2})?$`, "i").test(tag)) ?? language;

/** @type {Record<TextKey, string>} */
const texts = await (await fetch(new URL(`../texts/${language}.json`, import.meta.url))).json();

/** @param {string} key @returns {key is TextKey} */
export const isText = (key) => key in texts;

/** The text of a key, its {places} filled. @param {TextKey} key @param {Record<string, string | number>} [values] */
export function t(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** The text of a key that is made up at run time, or of `other`.
 * @param {string} key @param {TextKey} other @param {Record<string, string | number>} [values] */
export const textOr = (key, other, values) => t(isText(key) ? key : other, values);

const days = new Intl.DateTimeFormat(locale, { dateStyle: "long" });
/** @param {string | Date} at */
export const day = (at) => days.format(new Date(at));

/** Write every text of the page in the buyer's language, then show it. @param {TextKey} title */
export function frame(title) {
  document.documentElement.lang = language;
  document.title = `${t(title)} · ${t("brand")}`;
  document.querySelector(".logo")?.append(t("brand"));
  for (const element of document.querySelectorAll("[data-t]")) {
    const key = element.getAttribute("data-t") ?? "";
    if (isText(key)) element.textContent = t(key);
  }
  const account = () => h("a", { href: "./account" }, t("nav.account"));
  document.body.prepend(h("a", { class: "skip", href: "#main" }, t("skip")));
  document.querySelector(".top div")?.append(h("nav", { "aria-label": t("nav") }, account()));
  const withdraw = SELLS_TO === "consumers" && h("a", { href: "./withdraw" }, t("withdraw.link"));
  const langs = h("span", {}, inLanguage("en", "English"), inLanguage("de", "Deutsch"));
  document.body.append(h("footer", { class: "foot" }, h("div", {}, account(), withdraw, langs)));
  document.documentElement.classList.add("ready");
}

/** @param {string} tag @param {string} name */
function inLanguage(tag, name) {
  query.set("lang", tag);
  return h("a", { href: `?${query}`, hreflang: tag, lang: tag, "aria-current": tag === language && "true" }, name);
}
