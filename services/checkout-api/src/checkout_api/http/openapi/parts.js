// Pieces of the page: elements of text, and a request as a command line.
export function element(tag, text, ...children) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

export const code = (text) => element("code", text);

// What is between backticks is code.
export function sentence(text, tag = "p") {
  return element(tag, "", ...text.split("`").map((part, place) => (place % 2 ? code(part) : part)));
}

// It can be scrolled sideways, so that the keyboard has to reach it.
export function pre(text) {
  return Object.assign(element("pre", text), { tabIndex: 0 });
}

let labels = 0;
export function labelled(title, content) {
  const label = Object.assign(element("p", title), { className: "quiet", id: `label-${++labels}` });
  content.setAttribute("role", "group");
  content.setAttribute("aria-labelledby", label.id);
  return element("div", "", label, content);
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

// The request of the example, for a shell, to the address that this page came from.
export function command({ path, method, security }, parameters, body) {
  const of = (place) => parameters.filter((parameter) => parameter.in === place && parameter.required);
  const headers = of("header").map(({ name, example }) => `${name}: ${example}`);
  if (security.some((need) => "ApiKey" in need)) headers.push("Authorization: Bearer egk_…");
  if (body) headers.push("content-type: application/json");
  const filled = of("path").reduce((at, { name, example }) => at.replace(`{${name}}`, encodeURIComponent(example)), path);
  const lines = [`curl -s ${quoted(location.origin + filled)}`, ...headers.map((header) => `-H ${quoted(header)}`)];
  if (body) lines.push(`-d ${quoted(JSON.stringify(body.example, null, 1))}`);
  else if (method !== "get") lines[0] += ` -X ${method.toUpperCase()}`;
  return lines.join(" \\\n  ");
}
