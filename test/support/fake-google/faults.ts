/** A kind of request; `token` is that for an access token. */
export type Operation = "token" | "list" | "get" | "insert" | "patch" | "delete";

/** What goes wrong with a request, by the script of a test. */
export type Fault =
  /** An error in the form of Google's; nothing is done. Seconds. */
  | {
      readonly kind: "error";
      readonly status: number;
      readonly reason?: string;
      readonly retryAfter?: number;
    }
  /** The connection is reset; `acted` does it first, so that only the answer is lost. */
  | { readonly kind: "reset"; readonly acted?: boolean }
  /** Never answered; `acted` does it first. */
  | { readonly kind: "hang"; readonly acted?: boolean }
  /** A page of some gateway in place of the answer. */
  | { readonly kind: "garbage"; readonly acted?: boolean }
  /** Done and answered as usual, but later. */
  | { readonly kind: "delay"; readonly ms: number };

export interface Faults {
  /** The next requests of a kind (`*`: of any) meet the fault; several faults queue up. */
  next(operation: Operation | "*", fault: Fault, times?: number): void;
  /** Every request from now on. */
  always(operation: Operation | "*", fault: Fault): void;
  clear(): void;
  /** The fault that this request meets, used up by it. */
  take(operation: Operation): Fault | undefined;
}

export function createFaults(): Faults {
  let planned: { operation: Operation | "*"; fault: Fault; left: number }[] = [];
  return {
    next(operation, fault, times = 1) {
      planned.push({ operation, fault, left: times });
    },
    always(operation, fault) {
      planned.push({ operation, fault, left: Number.POSITIVE_INFINITY });
    },
    clear() {
      planned = [];
    },
    take(operation) {
      const found = planned.find((entry) => [operation, "*"].includes(entry.operation));
      if (!found) return undefined;
      found.left -= 1;
      if (found.left === 0) planned = planned.filter((entry) => entry !== found);
      return found.fault;
    },
  };
}
