// Back from the payment page without paying: the store, with the order as it was left.
const sale = new URLSearchParams(location.search).get("sale") ?? "";
location.replace(`./?cancelled=${encodeURIComponent(sale)}`);
