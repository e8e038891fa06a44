/** What goes wrong with a call, by the script of a test. */
export type Fault =
  /** `{ ok: false, error }`; the method is not run. */
  | { readonly kind: "error"; readonly error: string }
  /** HTTP 429; seconds. */
  | { readonly kind: "ratelimited"; readonly retryAfter: number }
  /** Another HTTP status; `acted` runs the method first, as a gateway that loses the answer. */
  | { readonly kind: "status"; readonly status: number; readonly acted?: boolean }
  /** The connection is reset; `acted` runs the method first. */
  | { readonly kind: "reset"; readonly acted?: boolean }
  /** Never answered; `acted` runs the method first. */
  | { readonly kind: "hang"; readonly acted?: boolean }
  /** Answered as usual, but later. */
  | { readonly kind: "latency"; readonly ms: number };

export interface Faults {
  /** The next calls of a method (`*`: of any) meet the fault; several faults queue up. */
  next(method: string, fault: Fault, times?: number): void;
  /** Every call from now on, such as `unknown_method` where a workspace lacks a feature. */
  always(method: string, fault: Fault): void;
  clear(): void;
  /** The fault that this call meets, used up by it. */
  take(method: string): Fault | undefined;
}

export function createFaults(): Faults {
  let planned: { method: string; fault: Fault; left: number }[] = [];
  return {
    next(method, fault, times = 1) {
      planned.push({ method, fault, left: times });
    },
    always(method, fault) {
      planned.push({ method, fault, left: Number.POSITIVE_INFINITY });
    },
    clear() {
      planned = [];
    },
    take(method) {
      const found = planned.find((entry) => entry.method === method || entry.method === "*");
      if (!found) return undefined;
      found.left -= 1;
      if (found.left === 0) planned = planned.filter((entry) => entry !== found);
      return found.fault;
    },
  };
}
