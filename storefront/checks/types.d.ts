// The types that the pages name in their comments. Those of the API are made of its description (api.d.ts).
import type * as Api from "./api.js";
import type { Problem as ProblemOfApi } from "./site/js/api.js";
import type texts from "./site/texts/en.json";

declare global {
  type Problem = ProblemOfApi;
  type Product = Api.ListedProduct;
  type AddressForm = Api.AddressForm;
  type Sale = Api.SaleState;

  type Place = "sessionStorage" | "localStorage";
  type TextKey = keyof typeof texts;
  type Child = Node | string | null | undefined | false;
  /** Inputs, and selects and text areas as far as they are alike. */
  type Control = HTMLInputElement;
  type Line = { product: Product; quantity: number };
  type Renewing = { interval?: string | null; interval_count?: number };
  /** What is to be corrected: the name of a control, or "". */
  type Fault = { name: string; text: string };
  type Step = { state: "done" | "now" | "bad" | ""; title: string; more?: Child[] };
  /** A page of one form; `refused` tells whether it said something itself. */
  type Question = {
    before: Child[];
    fields?: HTMLElement[];
    button: string;
    send: (body: Record<string, string>) => Promise<any>;
    done: (answer: any) => Child[];
    refused?: (problem: Problem) => boolean;
  };
  /** Keys of two texts, a head and `.more`. */
  type Said = `${"invitation" | `invitation.${"used" | "expired" | "broken" | "renewed"}` | `order.${"checking" | "unknown" | "away"}`}`;
}
