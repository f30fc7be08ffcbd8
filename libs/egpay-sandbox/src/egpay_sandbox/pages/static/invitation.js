// The token leaves the address at once: a copied address, a bookmark or a screenshot shows none.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  history.replaceState(null, "", location.pathname);
  const field = document.getElementById("token");
  field.value = token;
  field.type = "hidden";
  document.querySelector("label[for=token]").remove();
}
