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
  const block = element("details", "", element("summary", "", method, code(operation.path)), element("p", operation.summary));
  const parameters = operation.parameters.map(find);
  if (parameters.length) {
    block.append(element("h3", "Parameters"), table(["Name", "In", "What"], parameters.map((parameter) =>
      row(code(parameter.name), parameter.in + (parameter.required ? "" : ", optional"), parameter.description))));
  }
  const body = operation.requestBody?.content["application/json"].schema;
  if (body) block.append(element("h3", "Body"), element("pre", shape(body, find)));
  block.append(element("h3", "Answers"), table(["Status", "What"], Object.entries(operation.responses).map(
    ([status, response]) => row(code(status), response.description))));
  const answer = Object.entries(operation.responses).find(([status]) => status < "300")[1].content;
  if (answer) block.append(element("pre", shape(Object.values(answer)[0].schema, find)));
  return block;
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
