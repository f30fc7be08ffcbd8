// What a shop sets. checkout-api serves a file of this name made from its own settings; on another host, edit this one.

/** Address of checkout-api, such as "https://api.shop.example"; empty where it serves these pages itself. */
export const API = "";

/** How an order may be paid. @type {("card" | "invoice")[]} */
export const PAYMENTS = ["card"];

/** Consumers may withdraw from a contract. @type {"consumers" | "businesses"} */
export const SELLS_TO = "consumers";
