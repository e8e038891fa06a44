import { z } from "zod";

const when = z.enum(["before", "after"]).default("before");

const actionSchema = z.discriminatedUnion("kind", [
  /** Another answer than the true one; without a body it is empty. */
  z.strictObject({
    kind: z.literal("answer"),
    status: z.int().min(200).max(599),
    reason: z.string().default("Simulated fault"),
    contentType: z.string().optional(),
    body: z.string().default(""),
    when,
  }),
  /** The connection breaks; `after` leaves the caller not knowing that the call did act. */
  z.strictObject({ kind: z.literal("drop"), when }),
  /** No answer ever. */
  z.strictObject({ kind: z.literal("hang"), when }),
  /** The true answer, late. */
  z.strictObject({ kind: z.literal("delay"), ms: z.int().min(0) }),
]);

/** Something that goes wrong with the next requests that match. */
export const faultSchema = z.strictObject({
  /** Any method when omitted. */
  method: z.enum(["GET", "POST", "PUT", "DELETE"]).optional(),
  /** Below `/api2/json`; `*` stands for anything. */
  path: z.string().default("*"),
  /** How many requests it strikes. */
  times: z.int().min(1).default(1),
  action: actionSchema,
});

/** A fault as a test writes it, defaults left out. */
export type Fault = z.input<typeof faultSchema>;
/** What happens to a request that a fault strikes. */
export type FaultAction = z.output<typeof actionSchema>;

/** The faults that are still to strike. */
export interface Faults {
  add(fault: Fault): void;
  /** The fault that strikes this request, which is then used up by one. */
  take(method: string, path: string): FaultAction | undefined;
  clear(): void;
}

/** No faults yet. */
export function createFaults(): Faults {
  let waiting: { fault: z.output<typeof faultSchema>; left: number }[] = [];
  return {
    add(fault) {
      const parsed = faultSchema.parse(fault);
      waiting.push({ fault: parsed, left: parsed.times });
    },
    take(method, path) {
      const found = waiting.find(
        ({ fault }) =>
          (fault.method === undefined || fault.method === method) &&
          patternOf(fault.path).test(path),
      );
      if (!found) return undefined;
      found.left -= 1;
      waiting = waiting.filter(({ left }) => left > 0);
      return found.fault.action;
    },
    clear() {
      waiting = [];
    },
  };
}

function patternOf(path: string): RegExp {
  const parts = path.split("*").map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join(".*")}$`);
}
