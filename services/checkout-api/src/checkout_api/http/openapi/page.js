// Renders /openapi.json. Everything is set as text, nothing as HTML, and nothing is loaded from anywhere else.
import { code, command, element, labelled, pre, sentence } from "./parts.js";
import { tryForm } from "./try.js";

const api = await fetch("/openapi.json").then((response) => response.json()).catch(() => null);
const main = document.getElementById("operations");
if (api) render();
else main.replaceChildren(element("p", "The description could not be loaded. Reload the page to try again."));

function find(node) {
  return node.$ref ? node.$ref.slice(2).split("/").reduce((at, key) => at[key], api) : node;
}

function render() {
  const about = document.getElementById("about");
  for (const part of api.info.description.split("\n\n")) about.append(sentence(part));
  about.append(element("p", `Version ${api.info.version}`));
  about.lastChild.className = "quiet";
  main.replaceChildren();
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));
  for (const { name, description } of api.tags) {
    const those = operations.filter((operation) => operation.tags[0] === name);
    const title = element("h2", name);
    title.className = "tag";
    main.append(title, sentence(description), ...those.map(describe));
    const links = those.map((operation) => element("li", "", Object.assign(element("a", operation.summary), { href: `#${operation.operationId}` })));
    document.getElementById("contents").append(element("strong", name), element("ul", "", ...links));
  }
  addEventListener("hashchange", openLinked);
  openLinked();
}

// A link to a route opens it, so that it can be sent to a colleague.
function openLinked() {
  const linked = document.getElementById(location.hash.slice(1));
  if (!linked?.matches("details")) return;
  linked.open = true;
  linked.scrollIntoView();
  linked.querySelector("summary").focus();
}

function describe(operation) {
  const method = Object.assign(element("span", operation.method), { className: `method ${operation.method}` });
  const block = element("details", "", element("summary", "", method, code(operation.path), element("span", operation.summary)));
  block.id = operation.operationId;
  block.className = "route";
  const inside = element("div", "", sentence(operation.description));
  inside.className = "inside";
  block.append(inside);
  const parameters = operation.parameters.map(find);
  const body = operation.requestBody?.content["application/json"];
  const schemes = operation.security.flatMap(Object.keys);
  for (const scheme of schemes) inside.append(sentence(`Shown by the caller: ${api.components.securitySchemes[scheme].description}`));
  const signed = schemes.some((scheme) => api.components.securitySchemes[scheme].type === "apiKey");
  inside.append(columns(request(operation, parameters, body, signed), answers(operation)));
  if (signed) inside.append(sentence("Its sender signs each request, so none can be sent from here."));
  else inside.append(tryForm(operation, parameters, body, schemes.length > 0));
  return block;
}

function columns(...parts) {
  return Object.assign(element("div", "", ...parts), { className: "parts" });
}

function request(operation, parameters, body, signed) {
  const part = element("section", "", element("h3", "Request"));
  if (parameters.length) {
    part.append(element("dl", "", ...parameters.flatMap((parameter) => [
      element("dt", "", code(parameter.name), Object.assign(element("span", ` ${parameter.in}${parameter.required ? "" : ", optional"}`), { className: "quiet" })),
      sentence(parameter.description, "dd"),
    ])));
  }
  if (body) part.append(labelled("Body", pre(signed ? JSON.stringify(body.example, null, 2) : shape(body.schema))));
  if (!signed) part.append(labelled("As a command", pre(command(operation, parameters, body))));
  return part;
}

function answers(operation) {
  const responses = Object.entries(operation.responses);
  const list = element("dl", "", ...responses.flatMap(([status, response]) => [element("dt", "", code(status)), ...said(response)]));
  list.className = "answers";
  const part = element("section", "", element("h3", "Answers"), list);
  const [, success] = responses.find(([status]) => status < "300");
  const content = success.content && Object.values(success.content)[0];
  if (!content) return part;
  const example = typeof content.example === "string" ? content.example : JSON.stringify(content.example, null, 2);
  part.append(labelled("Example", pre(example)));
  const sketch = shape(content.schema);
  if (sketch.includes("\n")) part.append(labelled("Shape", pre(sketch)));
  return part;
}

// A problem's word is what programs branch on.
function said(response) {
  const problems = Object.entries(Object.values(response.content ?? {})[0]?.examples ?? {});
  if (!problems.length) return [sentence(response.description, "dd")];
  return problems.map(([word, { value }]) => element("dd", "", code(word), ` ${value.title}.`));
}

// A schema as a sketch in JSON, for people.
function shape(schema, depth = 0) {
  const known = find(schema);
  const inner = "  ".repeat(depth + 1);
  if (known.anyOf) return known.anyOf.map((option) => shape(option, depth)).join(" | ");
  if (known.enum) return known.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (known.type === "array") return `[${shape(known.items, depth)}, …]`;
  if (known.properties) {
    const lines = Object.entries(known.properties).map(([name, value]) =>
      `${inner}"${name}": ${shape(value, depth + 1)}${(known.required ?? []).includes(name) ? "" : "  (optional)"}`);
    return `{\n${lines.join(",\n")}\n${"  ".repeat(depth)}}`;
  }
  if (known.type === "string") return known.format ?? "text";
  return known.type === "object" ? "{…}" : known.type ?? "anything";
}
