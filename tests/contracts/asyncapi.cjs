// Reads an AsyncAPI document from stdin with the official parser; ends with 1 and a line for each error.
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

const ERROR = 0;

new Parser().parse(readFileSync(0, "utf8")).then(({ document, diagnostics }) => {
  const errors = diagnostics.filter((one) => one.severity === ERROR);
  for (const one of errors) console.error(`${one.path.join(".")}: ${one.message}`);
  if (!document || errors.length > 0) process.exit(1);
  console.log(`asyncapi: ${document.allMessages().all().length} messages, no error`);
});
