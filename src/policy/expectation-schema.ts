import { z } from "zod";
import { verdicts } from "./file-rule.ts";

const text = z.string().min(1);

/** One line of the table that a policy is tested with, as people write it. */
export function expectationSchema<Action extends z.ZodType>(action: Action) {
  return z.strictObject({
    who: z.union([
      text,
      z.strictObject({
        id: text.optional(),
        role: text.optional(),
        groups: z.array(text).optional(),
      }),
    ]),
    do: action,
    guest: z
      .strictObject({
        vmid: z.int().optional(),
        name: text.optional(),
        node: text.optional(),
        pool: text.optional(),
        owner: text.optional(),
        tags: z.array(text).optional(),
        protection: z.boolean().optional(),
        template: z.boolean().optional(),
        ha: z.boolean().optional(),
        lock: text.optional(),
        hold: z.boolean().optional().describe("It is on hold."),
      })
      .optional(),
    at: z.iso.datetime({ offset: true }).optional().describe("When it is asked for; else now."),
    guests: z.int().min(1).optional().describe("How many guests the whole request concerns."),
    facts: z
      .strictObject({
        backup: z.boolean().optional(),
        busy: z.boolean().optional(),
        named: z.boolean().optional(),
      })
      .optional(),
    expect: z.enum(verdicts),
  });
}

export type ExpectationInput = z.infer<ReturnType<typeof expectationSchema<z.ZodString>>>;
