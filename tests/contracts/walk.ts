// A store's developer at work: with a client that was generated from the description of the API, it lists, orders under
// a key, corrects what was refused, and follows the order to its parcel and its invoice.
// It prints the address where the order is paid, and pays nothing itself: that is the buyer's, in a browser.
import { randomUUID } from "node:crypto";
import { client } from "./client/client.gen";
import * as api from "./client/sdk.gen";
import type { OrderForm, Problem, SaleState, ShippingAddress } from "./client/types.gen";

type Answer<T> = { data?: T; error?: unknown; response?: Response };

function told<T>(answer: Answer<T>): T {
  if (answer.data === undefined) throw new Error(`${answer.response?.status}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

const typed: Omit<ShippingAddress, "country"> = { line1: "12 Harbour Street", city: "Dublin", postal_code: "D02 XE80" };

async function order(email: string): Promise<OrderForm> {
  const products = told(await api.listProducts()).filter((product) => product.available);
  const one = (kind: "device" | "subscription") => {
    const found = products.find((product) => product.kind === kind);
    if (!found) throw new Error(`no ${kind} is on sale`);
    return found.id;
  };
  const countries = told(await api.listCountries()).map((country) => country.code);
  must(countries.includes("IE"), "nothing is sent to Ireland");
  const form = told(await api.getAddressForm({ path: { code: "IE" } }));
  const missing = form.fields.filter((field) => field.required && !typed[field.name]).map((field) => field.label);
  must(missing.length === 0, `the address lacks ${missing.join(", ")}`);
  return {
    line_items: [{ product: one("device"), quantity: 3 }, { product: one("subscription"), quantity: 1 }],
    organisation: "Harbour Cycling Club",
    name: "Orla Byrne",
    email,
    shipping_address: { ...typed, country: "IE" },
  };
}

async function place(body: OrderForm): Promise<string> {
  const wrong = await api.createCheckoutSession({ body: { ...body, email: "no-address" } });
  const fields = (wrong.error as Problem).errors?.map((fault) => fault.field);
  must(wrong.response?.status === 422 && `${fields}` === "email", `a wrong e-mail is answered with ${fields}`);
  const key = { "Idempotency-Key": randomUUID() };
  const opened = told(await api.createCheckoutSession({ body, headers: key }));
  const again = told(await api.createCheckoutSession({ body, headers: key }));
  must(opened.sale_id === again.sale_id, "one key made two sales");
  console.log(opened.checkout_url);
  return opened.sale_id;
}

const arrived = (sale: SaleState) =>
  sale.shipments.some((parcel) => parcel.tracking_url) && sale.account === "open" && sale.documents.length > 0;

async function follow(sale_id: string): Promise<SaleState> {
  const path = { sale_id };
  let sale = told(await api.getSale({ path }));
  for (let asked = 0; !arrived(sale); asked++) {
    must(asked < 60, `it ended as ${JSON.stringify(sale)}`);
    sale = told(await api.getSale({ path, query: { wait: 20, since: sale.version } }));
  }
  return sale;
}

async function walk(baseUrl: string, email: string): Promise<void> {
  client.setConfig({ baseUrl, headers: { Accept: "application/json" } });
  const sale = await follow(await place(await order(email)));
  const invoice = told(await api.getSaleDocument({ path: { sale_id: sale.id, kind: "invoice" } }));
  console.log(JSON.stringify({ status: sale.status, parcel: sale.shipments.at(-1)?.status, invoice: invoice.url }));
}

walk(process.argv[2] as string, process.argv[3] as string).catch((fault: unknown) => {
  console.error(fault);
  process.exit(1);
});
