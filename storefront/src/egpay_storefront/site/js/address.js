// The address as its country writes it: fields and their order come from checkout-api, the words from our texts.
import { call } from "./api.js";
import { $, h } from "./dom.js";
import { field } from "./form.js";
import { locale, t, textOr } from "./text.js";

const AUTOCOMPLETE = { line1: "address-line1", line2: "address-line2", postal_code: "postal-code", city: "address-level2", state: "address-level1" };
export const PARTS = Object.keys(AUTOCOMPLETE);

const names = new Intl.DisplayNames([locale], { type: "region" });
/** @param {string} code */
export const countryName = (code) => names.of(code) ?? code;

/** Fill the list of countries; the one typed before is chosen, or the buyer's own.
 * @param {HTMLElement} select @param {string | undefined} typed */
export async function listCountries(select, typed) {
  /** @type {{ code: string }[]} */
  const countries = await call("/v1/countries");
  const sorted = countries.map(({ code }) => ({ code, name: countryName(code) })).sort((one, other) => one.name.localeCompare(other.name, locale));
  const chosen = typed || (countries[1] ? new Intl.Locale(locale).region : countries[0]?.code);
  select.replaceChildren(h("option", { value: "" }, t("choose")), ...sorted.map(({ code, name }) => h("option", { value: code, selected: code === chosen }, name)));
}

/** Show the fields of a country, with what was typed before. @param {string} country @param {Record<string, string>} typed */
export async function showFields(country, typed) {
  /** @type {AddressForm} */
  const { fields, states } = await call(`/v1/countries/${country}`);
  if (/** @type {Control} */ ($("country")).value !== country) return; // another was chosen meanwhile
  const shown = fields.map(({ name, kind, required, example, row }) => {
    const beside = fields.filter((other) => other.row === row).length;
    const choice = name === "state" && states.length ? { options: states.map(({ value, label }) => [value, label]) } : { maxlength: name === "line1" ? 200 : 100 };
    const attributes = { ...choice, required, autocomplete: `shipping ${AUTOCOMPLETE[name]}`, "data-example": example };
    const width = ["", "", "half", "third"][beside] ?? "third";
    return field(name, textOr(`address.${kind}`, `part.${name}`), attributes, example ? t("example", { example }) : "", width);
  });
  $("address").replaceChildren(...shown);
  for (const one of $("address").querySelectorAll("input, select")) {
    const control = /** @type {HTMLInputElement} */ (one);
    control.value = typed[control.name] ?? "";
  }
}
