// A request to this server as it is typed here, and its answer.
import { element, labelled, pre } from "./parts.js";

// Ids that earlier answers gave, by the name of the parameter that takes them: they replace those of the examples.
const learned = new Map();
let forms = 0;

export function tryForm(operation, parameters, body, keyed) {
  const form = element("form", "", element("h3", "Try it"));
  const prefix = `try-${++forms}`;
  for (const parameter of parameters) form.append(...field(parameter, prefix));
  if (keyed) form.append(...field({ name: "Authorization", in: "header", required: true, example: "Bearer egk_…" }, prefix));
  if (body) form.append(...bodyField(body, prefix));
  const answer = element("output", "");
  form.append(element("button", "Send"), answer);
  let underWay = false; // and not a button that is disabled, which would lose the focus
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (underWay) return;
    underWay = true;
    answer.replaceChildren(element("p", "…"));
    send(operation, parameters, new FormData(form), body).then(
      (parts) => answer.replaceChildren(...parts),
      () => answer.replaceChildren(element("p", "There was no answer."))).finally(() => { underWay = false; });
  });
  return form;
}

// What is in the path is filled in; what may be left out is shown as it would be written.
function field({ name, in: place, required, example }, prefix) {
  const input = Object.assign(document.createElement("input"), { id: `${prefix}-${name}`, name, required: Boolean(required), autocomplete: "off", spellcheck: false });
  if (place === "path") Object.assign(input, { value: learned.get(name) ?? example, defaultValue: example });
  else input.placeholder = example;
  const about = Object.assign(element("span", required ? "" : " optional"), { className: "quiet" });
  const label = Object.assign(element("label", name, about), { htmlFor: input.id });
  return [label, input];
}

function bodyField(body, prefix) {
  const text = JSON.stringify(body.example, null, 2);
  const area = Object.assign(document.createElement("textarea"), { id: `${prefix}-body`, name: " body", value: text, rows: Math.min(22, text.split("\n").length + 1), spellcheck: false });
  return [Object.assign(element("label", "Body"), { htmlFor: area.id }), area];
}

async function send(operation, parameters, typed, body) {
  const headers = { accept: "application/json" };
  const query = new URLSearchParams();
  let path = operation.path;
  for (const { name, in: place } of parameters) {
    const value = typed.get(name);
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (value && place === "query") query.set(name, value);
    else if (value) headers[name] = value;
  }
  if (typed.get("Authorization")) headers.authorization = typed.get("Authorization");
  if (body) headers["content-type"] = "application/json";
  const start = performance.now();
  const response = await fetch(`${path}${query.size ? `?${query}` : ""}`, { method: operation.method.toUpperCase(), headers, body: body && typed.get(" body"), cache: "no-store" });
  return shown(response, await response.text(), Math.round(performance.now() - start));
}

function shown(response, text, milliseconds) {
  const status = element("p", `${response.status} ${response.statusText}`.trim());
  status.className = `status ${response.ok || response.status === 304 ? "good" : "bad"}`;
  const named = ["ETag", "Retry-After"].filter((name) => response.headers.has(name)).map((name) => `${name}: ${response.headers.get(name)}`);
  const more = Object.assign(element("p", [`${milliseconds} ms`, ...named].join(" · ")), { className: "quiet" });
  const value = parsed(text);
  if (value) learn(value);
  const parts = [status, more];
  if (text) parts.push(labelled("Answer", pre(value ? JSON.stringify(value, null, 2) : text)));
  for (const [name, url] of Object.entries(value ?? {}).filter(([, one]) => typeof one === "string" && /^https?:/.test(one))) {
    parts.push(element("p", "", Object.assign(element("a", `Open ${name}`), { href: url, target: "_blank", rel: "noopener noreferrer" })));
  }
  return parts;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function learn(value) {
  for (const [name, id] of Object.entries(value)) if (/^(sale|organisation)_id$/.test(name)) learned.set(name, id);
  for (const input of document.querySelectorAll("form input")) {
    if (learned.has(input.name) && input.value === input.defaultValue) input.value = learned.get(input.name);
  }
}
