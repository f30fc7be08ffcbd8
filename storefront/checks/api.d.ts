// Made of the description of the API: python -m checkout_api.http.openapi.typescript

/**
 * What this API is, with the addresses that lead on from here.
 */
export interface ApiEntry {
  name: string;
  version: string;
  documentation: string;
  openapi: string;
  products: string;
  countries: string;
}

/**
 * A product on sale; one that was taken off sale is not listed. `available` is false while an order of it would be
 * answered with 503, because the payment provider has no price at which it sells just what is listed.
 */
export interface ListedProduct {
  id: string;
  kind: Kind;
  name: string;
  description: string;
  unit_amount: number;
  currency: string;
  interval?: Interval | null;
  interval_count?: number;
  trial_days?: number;
  image?: string | null;
  available: boolean;
}

/**
 * Product kind: a device is shipped once; a subscription renews until it ends.
 */
export type Kind = "device" | "subscription";

/**
 * Interval at which a subscription renews.
 */
export type Interval = "day" | "month" | "week" | "year";

/**
 * A country that devices are sent to, by its code of ISO 3166-1; `Intl.DisplayNames` names it in any language.
 */
export interface ListedCountry {
  code: string;
}

/**
 * What an address in this country needs, its fields in the order in which the country writes them.
 *
 * There is no pattern of a postal code: an order takes more spellings than one, and its refusal gives an example.
 */
export interface AddressForm {
  code: string;
  fields: AddressField[];
  states: AddressState[];
}

/**
 * A field of the form: `name` is its key in `shipping_address`, `kind` what the country calls it, `label` that in
 * English. Fields of one `row` are written beside each other.
 */
export interface AddressField {
  name: "city" | "line1" | "line2" | "postal_code" | "state";
  kind: string;
  label: string;
  required: boolean;
  row: number;
  example?: string | null;
}

/**
 * A state of the country: `value` is what is sent and printed, `label` what a person recognises.
 */
export interface AddressState {
  value: string;
  label: string;
}

/**
 * An order. `email` is the admin's and the only identity; without `billing_email` the buyer types one at
 * Checkout; `shipping_address` is needed when a device is ordered. `locale` is the language that the buyer
 * reads. With `another_organisation` a person who has an account orders for an organisation of another name, and
 * becomes its admin too. `customer_token`, with which the billing portal leads back to the storefront, makes an order
 * of the same e-mail, organisation and currency use the customer that is known; one that is over changes nothing.
 */
export interface OrderForm {
  line_items: LineItem[];
  organisation: string;
  name: string;
  email: string;
  billing_email?: string | null;
  phone?: string | null;
  locale?: string | null;
  shipping_address?: ShippingAddress | null;
  payment?: "card" | "invoice";
  another_organisation?: boolean;
  customer_token?: string | null;
}

/**
 * How many of a product; of a subscription, how many seats.
 */
export interface LineItem {
  product: string;
  quantity: number;
}

/**
 * Where devices go, as the buyer writes it. Which parts are needed depends on the country; a refusal names the
 * states or an example of the postal codes that are possible.
 */
export interface ShippingAddress {
  line1: string;
  line2?: string | null;
  city?: string | null;
  state?: string | null;
  postal_code?: string | null;
  country: string;
}

/**
 * A sale, the page where it is paid (null when it is paid by invoice), and where to ask how it stands.
 */
export interface CheckoutOpened {
  sale_id: string;
  checkout_session_id: string | null;
  checkout_url: string | null;
  status_url: string;
}

/**
 * A purchase as its buyer may see it; what there is none of is null.
 *
 * `version` is another number whenever something may have changed. `total` is what the lines cost now, `total_details`
 * what the payment page took off or added. `account` is that of the subscription, `introduced` whether the e-mail about
 * it was sent. `shipments` are its parcels, oldest first; what is yet to leave is one of them. `shipment` is all of it
 * in one word, with the tracking of the newest parcel, and goes with the next release. `documents` is empty until
 * there is one. At `continue_url` an order that is not paid goes on. Until `withdraw_until` a
 * consumer may withdraw from it.
 */
export interface SaleState {
  id: string;
  version: number;
  created_at: string;
  status: SaleStatus;
  payment: PaymentMethod;
  total: number;
  currency: string;
  total_details: TotalDetails | null;
  lines: SaleLine[];
  account: AccountProgress;
  introduced: boolean;
  subscription: SubscriptionState | null;
  shipment: ShipmentState | null;
  shipments: ShipmentState[];
  documents: SaleDocument[];
  continue_url: string | null;
  withdraw_until: string | null;
}

/**
 * Status of a sale, as `GET /v1/sales/{id}` shows it.
 */
export type SaleStatus = "awaiting_payment" | "cancelled" | "expired" | "in_progress" | "paid" | "payment_failed" | "refunded";

/**
 * Payment method: paid at Checkout, or by an invoice that is sent.
 */
export type PaymentMethod = "card" | "invoice";

/**
 * Total details: what the provider took off or added to a session's lines, in minor units.
 */
export interface TotalDetails {
  discount?: number;
  shipping?: number;
  tax?: number;
}

/**
 * What was ordered, at the price of that moment, in minor units.
 */
export interface SaleLine {
  product: string;
  kind: Kind;
  name: string;
  quantity: number;
  unit_amount: number;
  interval: Interval | null;
  interval_count: number;
  trial_days: number;
}

/**
 * Account progress: none is due yet or at all, it is being opened, or it is open.
 */
export type AccountProgress = "none" | "open" | "opening";

/**
 * Stripe's word for it; `cancel_at` is when it will end, if that is settled.
 */
export interface SubscriptionState {
  status: SubscriptionStatus;
  current_period_end: string | null;
  cancel_at: string | null;
}

/**
 * Stripe's eight statuses (docs.stripe.com/api/subscriptions/object#subscription_object-status).
 */
export type SubscriptionStatus = "active" | "canceled" | "incomplete" | "incomplete_expired" | "past_due" | "paused" | "trialing" | "unpaid";

/**
 * Where the devices are.
 */
export interface ShipmentState {
  status: ShipmentStatus;
  carrier: string | null;
  tracking_number: string | null;
  tracking_url: string | null;
}

/**
 * Status of a shipment, as `GET /v1/sales/{id}` shows it.
 */
export type ShipmentStatus = "accepted" | "cancelled" | "delivered" | "failed" | "held" | "requested" | "returned" | "shipped";

/**
 * A document of a sale; its `url` stays the same and redirects to where it is now.
 */
export interface SaleDocument {
  kind: DocumentKind;
  url: string;
}

/**
 * Kind of a document of a sale.
 */
export type DocumentKind = "invoice";

/**
 * Where to go: the answer to a program, which cannot read where a redirect leads to across origins.
 */
export interface Destination {
  url: string;
}

/**
 * A declaration: who withdraws, from which order, where the receipt goes, and what part, where not all of it.
 */
export interface WithdrawalForm {
  sale_id: string;
  name: string;
  email: string;
  statement?: string | null;
}

/**
 * When the declaration was received, which is the time that counts.
 */
export interface WithdrawalReceived {
  declared_at: string;
}

/**
 * A request for a link to the billing portal, mailed to this address if it owns a subscription.
 */
export interface PortalForm {
  email: string;
}

/**
 * The one answer to every request, whether the e-mail is known or not.
 */
export interface PortalLinkRequested {
  detail?: string;
}

/**
 * The token of an introduction e-mail: what stands behind `#token=` in its link.
 */
export interface InvitationForm {
  token: string;
}

/**
 * Who has entered, for which organisation, and where the product is.
 */
export interface EnteredUser {
  user_id: string;
  organisation_id: string;
  organisation: string;
  email: string;
  app_url: string;
}

/**
 * The one answer to every request, whether the token is known or not.
 */
export interface RenewalRequested {
  detail?: string;
}

/**
 * What an organisation may use. `version` is that of `access.changed`; `until` is when the level ends by itself.
 */
export interface AccessState {
  organisation_id: string;
  access: AccessLevel;
  until: string | null;
  why: string;
  plan: string | null;
  seats: number;
  subscriptions: string[];
  version: number;
}

/**
 * Access level of an organisation, the best first.
 */
export type AccessLevel = "full" | "grace" | "none";

/**
 * Body of `/livez` and `/readyz` of both services; `checks` has `ok`, or what is wrong, for each dependency.
 */
export interface Health {
  status: "degraded" | "ok" | "unavailable";
  checks?: Record<string, string>;
}

/**
 * The body of every error. `errors` names each field to correct; at `manage_url` a subscription is managed.
 */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: FieldError[];
  manage_url?: string;
}

/**
 * One thing to correct; `field` is its path in the body, such as `line_items[0].quantity`.
 */
export interface FieldError {
  field: string;
  message: string;
}
