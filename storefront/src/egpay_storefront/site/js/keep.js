// Storage of one tab, and of the browser for its language. Every page works without.

/** @param {string} name @param {Place} [place] @returns {any} */
export function recall(name, place = "sessionStorage") {
  try {
    return JSON.parse(window[place].getItem(`egpay.${name}`) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} name @param {unknown} value @param {Place} [place] */
export function keep(name, value, place = "sessionStorage") {
  try {
    window[place].setItem(`egpay.${name}`, JSON.stringify(value));
  } catch {
    // full, or forbidden
  }
}

/** A secret of the address, kept instead: a copied address, a bookmark or a screenshot shows none.
 * @param {string} name @returns {string | null} */
export function takeSecret(name) {
  const given = new URLSearchParams(location.hash.slice(1)).get(name);
  if (given) {
    keep(name, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return given ?? recall(name);
}
