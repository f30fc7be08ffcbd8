// Calls of checkout-api. What it refuses is a Problem with the stable word of its `type` (RFC 9457).
import { API } from "../config.js";

export class Problem extends Error {
  /**
   * @param {number} status 0 when there was no answer
   * @param {{ type?: string, detail?: string, errors?: { field: string, message: string }[] }} [body]
   * @param {number} [wait] seconds after which a retry may help
   */
  constructor(status, body = {}, wait = 0) {
    super(body.detail ?? "");
    this.status = status;
    this.word = status ? (body.type ?? "").split("/").pop() ?? "" : "offline";
    this.errors = body.errors ?? [];
    this.wait = wait;
  }
}

/** @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Ask checkout-api; a `body` makes it a POST. Throws a Problem. @param {string} path @returns {Promise<any>}
 * @param {{ body?: object, key?: string, patience?: number }} [options] patience in milliseconds */
export async function call(path, { body, key, patience = 30_000 } = {}) {
  const posted = body && { method: "POST", headers: { "content-type": "application/json", ...(key && { "idempotency-key": key }) }, body: JSON.stringify(body) };
  const answer = await fetch(API + path, { ...posted, credentials: "omit", signal: AbortSignal.timeout(patience) }).catch(() => {
    throw new Problem(0);
  });
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return said;
  throw new Problem(answer.ok ? 0 : answer.status, said ?? {}, Number(answer.headers.get("retry-after")) || 0);
}

/** An id that no one guesses; `randomUUID` is there only behind https and on this machine. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
