// Money in integer minor units, as the payment provider counts them, and what a subscription costs over a year.
import { locale, t } from "./text.js";

const NONE = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";
const THREE = "bhd jod kwd omr tnd";
/** Counted in hundredths, written without. */
const WHOLE = "isk ugx";
/** @type {Record<string, number>} */
const A_YEAR = { day: 365, week: 52, month: 12, year: 1 };

/** @param {number} amount @param {string} currency */
export function money(amount, currency) {
  const digits = NONE.includes(currency) ? 0 : THREE.includes(currency) ? 3 : 2;
  const shown = WHOLE.includes(currency) ? 0 : digits;
  const format = { style: /** @type {const} */ ("currency"), currency, minimumFractionDigits: shown, maximumFractionDigits: shown };
  return new Intl.NumberFormat(locale, format).format(amount / 10 ** digits);
}

/** "a month", "every 3 months". @param {Renewing} plan */
export function period({ interval, interval_count = 1 }) {
  const unit = /** @type {"day" | "week" | "month" | "year"} */ (interval);
  return interval_count > 1 ? t(`every.${unit}`, { count: interval_count }) : t(`each.${unit}`);
}

/** What it costs over a year, or null when that is what it costs anyway.
 * @param {Renewing & { unit_amount: number }} plan */
export function overYear({ interval, interval_count = 1, unit_amount }) {
  const times = A_YEAR[interval ?? "year"] / interval_count;
  return times === 1 ? null : Math.round(unit_amount * times);
}
