/** Why a request of a log sender was not taken: one normal outcome among others. */
export type Refusal = {
  readonly refused: true;
  /** RFC 9110; 429 and 503 are worth another try, the others are not. */
  readonly status: 400 | 401 | 409 | 413 | 415 | 422 | 429 | 503;
  /** Lower case, what is wrong and what to do; holds nothing of the records. */
  readonly says: string;
  readonly retryAfterS?: number;
};

export function refuse(status: Refusal["status"], says: string, retryAfterS?: number): Refusal {
  return { refused: true, status, says, ...(retryAfterS === undefined ? {} : { retryAfterS }) };
}

export function isRefusal(value: object): value is Refusal {
  return "refused" in value;
}

export const BUSY = refuse(429, "more arrives than can be taken just now: send it again later", 1);
