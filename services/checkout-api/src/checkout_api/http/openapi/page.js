// Renders /openapi.json. Everything is set as text, nothing as HTML, and nothing is loaded from anywhere else.
const element = (tag, text, ...children) => {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
};
const code = (text) => element("code", text);
const row = (...cells) => element("tr", "", ...cells.map((cell) => element("td", "", cell)));
const table = (head, rows) =>
  element("table", "", element("tr", "", ...head.map((title) => element("th", title))), ...rows);

fetch("/openapi.json")
  .then((response) => response.json())
  .then((api) => {
    const find = (node) => (node.$ref ? node.$ref.slice(2).split("/").reduce((at, key) => at[key], api) : node);
    document.getElementById("description").textContent = `${api.info.description} Version ${api.info.version}.`;
    const main = document.getElementById("operations");
    main.replaceChildren();
    const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));
    for (const tag of new Set(operations.map((operation) => operation.tags[0]))) {
      main.append(element("h2", tag));
      operations.filter((operation) => operation.tags[0] === tag)
        .forEach((operation) => main.append(describe(operation, find)));
    }
  })
  .catch(() => { document.getElementById("operations").textContent = "The description could not be loaded."; });

function describe(operation, find) {
  const method = element("span", operation.method);
  method.className = "method";
  const title = element("span", operation.summary);
  title.className = "title";
  const block = element("details", "", element("summary", "", method, code(operation.path), title), element("p", operation.description));
  const shown = operation.security.flatMap(Object.keys);
  if (shown.length) block.append(element("p", `The caller shows: ${shown.join(", ")}.`));
  const parameters = operation.parameters.map(find);
  if (parameters.length) {
    block.append(element("h3", "Parameters"), table(["Name", "In", "What"], parameters.map((parameter) =>
      row(code(parameter.name), parameter.in + (parameter.required ? "" : ", optional"), parameter.description))));
  }
  const body = operation.requestBody?.content["application/json"];
  if (body) block.append(element("h3", "Body"), element("pre", shape(body.schema, find)), example(body.example));
  block.append(element("h3", "Answers"), table(["Status", "What"], Object.entries(operation.responses).map(
    ([status, response]) => row(code(status), response.description))));
  const [, answer] = Object.entries(operation.responses).find(([status]) => status < "300");
  const content = answer.content && Object.values(answer.content)[0];
  if (content) block.append(element("pre", shape(content.schema, find)), example(content.example));
  if (!operation.tags.includes("webhooks")) block.append(form(operation, parameters, body));
  return block;
}

function example(value) {
  if (value === undefined) return "";
  return element("div", "", element("h4", "Example"), element("pre", typeof value === "string" ? value : JSON.stringify(value, null, 2)));
}

// A request to this server, as it is typed here; what a webhook needs, a signature, cannot be typed.
function form(operation, parameters, body) {
  const answer = element("output", "");
  const fields = parameters.map((parameter) => labelled(parameter.name, "input", {
    name: parameter.name, required: parameter.required, placeholder: parameter.description }));
  if (operation.security.some((need) => "ApiKey" in need)) {
    fields.push(labelled("Authorization", "input", { name: "Authorization", placeholder: "Bearer egk_..." }));
  }
  if (body) fields.push(labelled("Body", "textarea", { name: " body", rows: 12, value: JSON.stringify(body.example, null, 2) }));
  const made = element("form", "", element("h3", "Try it"), ...fields, element("button", "Send"), answer);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    answer.replaceChildren("…");
    const typed = new FormData(made);
    send(operation, parameters, typed, body).then(
      (lines) => answer.replaceChildren(...lines),
      () => answer.replaceChildren("There was no answer."));
  });
  return made;
}

function labelled(name, kind, attributes) {
  const control = Object.assign(document.createElement(kind), attributes, { autocomplete: "off", spellcheck: false });
  return element("label", name, control);
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
  const asked = `${path}${query.size ? `?${query}` : ""}`;
  const response = await fetch(asked, { method: operation.method.toUpperCase(), headers, body: body && typed.get(" body") });
  const text = await response.text();
  let told = text;
  try { told = JSON.stringify(JSON.parse(text), null, 2); } catch { /* it is text */ }
  return [element("p", `${response.status} ${response.statusText}`), element("pre", told)];
}

// A schema as a sketch in JSON, for people.
function shape(schema, find, depth = 0) {
  const known = find(schema);
  const inner = "  ".repeat(depth + 1);
  if (known.anyOf) return known.anyOf.map((option) => shape(option, find, depth)).join(" | ");
  if (known.enum) return known.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (known.type === "array") return `[${shape(known.items, find, depth)}, …]`;
  if (known.properties) {
    const lines = Object.entries(known.properties).map(([name, value]) =>
      `${inner}"${name}": ${shape(value, find, depth + 1)}${(known.required ?? []).includes(name) ? "" : "  (optional)"}`);
    return `{\n${lines.join(",\n")}\n${"  ".repeat(depth)}}`;
  }
  return known.format ? `${known.type} (${known.format})` : known.type ?? "anything";
}
