import { z } from "#tools/schema.ts";

/** The argument that says which guest. */
export const guestReference = z
  .union([z.string(), z.number().int()])
  .describe("VMID or exact name; if two share it: CT NAME, NAME on NODE, OWNER's NAME");
