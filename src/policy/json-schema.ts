import { z } from "zod";
import { documentSchema } from "./document-schema.ts";
import type { Known } from "./policy-document.ts";

/** The JSON Schema of a policy file, for editors; made of what the file is checked with. */
export function policyJsonSchema({ tools }: Pick<Known, "tools">): object {
  const schema = documentSchema(
    tools.map(({ name }) => name),
    [],
  );
  // The draft that editors understand best.
  const json = z.toJSONSchema(schema, { io: "input", target: "draft-7" });
  return { title: "Policy of proxmox-agent", ...json };
}
