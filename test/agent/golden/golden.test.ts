import { describe, expect, it } from "vitest";
import type { Item, ToolCallItem } from "#src/agent/model.ts";
import { createOfflinePlanner } from "#src/agent/models/offline-planner.ts";
import { demoContext, demoGuests } from "./demo-cluster.ts";
import { paraphrases } from "./paraphrases.ts";
import { type GoldenRequest, goldenRequests } from "./requests.ts";

const toolOf: Readonly<Record<string, string>> = {
  start: "start_guest",
  shutdown: "shutdown_guest",
  stop: "stop_guest",
  reboot: "reboot_guest",
  delete: "schedule_deletion",
  cancel: "cancel_deletion",
  reschedule: "reschedule_deletion",
  list: "list_guests",
  get: "get_guest",
  cluster: "get_cluster_status",
  scheduled: "list_scheduled_deletions",
  release: "release_held_deletions",
  transfer: "transfer_guest",
  hold: "hold_guest",
  unhold: "release_hold",
  holds: "list_holds",
  extend: "extend_lease",
  leases: "list_leases",
  restore: "restore_guest",
  restorable: "list_restorable_guests",
  audit: "search_audit_log",
};
const reads = new Set([
  "list_guests",
  "get_guest",
  "get_cluster_status",
  "list_scheduled_deletions",
  "list_leases",
  "list_holds",
  "list_restorable_guests",
  "search_audit_log",
  "preview",
  "preview_action",
]);

const planner = createOfflinePlanner();

/** The calls that the last message of the conversation leads to. */
async function callsFor({ text, user }: GoldenRequest): Promise<readonly string[]> {
  const items: Item[] = [];
  const respond = async () => {
    const { items: answer } = await planner.respond({
      instructions: "",
      items,
      context: demoContext(user),
      tools: [],
      toolChoice: "auto",
      signal: new AbortController().signal,
    });
    items.push(...answer);
    return answer.filter((item) => item.type === "tool-call");
  };
  let calls: readonly ToolCallItem[] = [];
  for (const message of text.split(" >> ")) {
    if (calls.length > 0) {
      items.push(...calls.map(resultOf));
      await respond();
    }
    items.push({ type: "user", text: message });
    calls = await respond();
  }
  return calls.flatMap(shorten).sort();
}

function resultOf({ callId, name }: ToolCallItem): Item {
  const waits = /^(?:stop_guest|restore_guest|release_held_deletions|(?:re)?schedule_deletion)$/;
  const result = waits.test(name) ? "awaiting-confirmation" : "done";
  const output = reads.has(name) ? "Looked up." : JSON.stringify({ result, summary: name });
  return { type: "tool-result", callId, output };
}

/** A call as the golden set writes it; which guest it reaches is looked up as the tools would. */
function shorten({
  name,
  argumentsJson,
}: Pick<ToolCallItem, "name" | "argumentsJson">): readonly string[] {
  const { guest, when, ...others } = JSON.parse(argumentsJson) as Record<string, string>;
  if (name === "preview_action") return shortenTrial(others);
  const reached = demoGuests.filter((one) => `${one.vmid}` === guest || one.name === guest);
  const which = guest === undefined ? [] : [reached.length === 1 ? reached[0]?.vmid : `?${guest}`];
  const rest = Object.entries(others).map(([key, value]) => `${key}=${value.replaceAll(" ", "_")}`);
  return [[name, ...which, ...rest.sort(), ...(when ? ["@", when] : [])].join(" ")];
}

/** A call that is only tried, after the word "preview". */
function shortenTrial({ tool = "", input = "", person }: Record<string, string>) {
  const tried = shorten({ name: tool, argumentsJson: input });
  return tried.map((call) => `preview ${call}${person ? ` as ${person}` : ""}`);
}

/** The same form for what is expected; the time is left open where none is given. */
function expectedCalls(expected: string): readonly string[] {
  if (expected === "?") return [];
  return expected.split(" + ").flatMap((part): readonly string[] => {
    const [, tried, person = ""] = /^preview (.+?)( as \S+)?$/.exec(part) ?? [];
    if (tried) return expectedCalls(tried).map((call) => `preview ${call}${person}`);
    const [call = "", when] = part.split(" @ ");
    const [tool = "", ...args] = call.split(" ");
    const vmids = args.filter((arg) => /^\d+$/.test(arg));
    const rest = args.filter((arg) => !vmids.includes(arg)).sort();
    const tail = when ? ["@", when] : [];
    const targets = vmids.length > 0 ? vmids.map((vmid) => [vmid]) : [[]];
    return targets.map((target) => [toolOf[tool], ...target, ...rest, ...tail].join(" "));
  });
}

const acting = (call: string) => !reads.has(call.split(" ")[0] ?? "");
const withoutTime = (call: string) => call.replace(/ @ .*$/, "");

describe("the offline planner on everyday requests", async () => {
  const judged = await Promise.all(
    Object.entries(goldenRequests).flatMap(([capability, requests]) =>
      [...requests, ...(paraphrases[capability] ?? [])].map(async (request) => ({
        capability,
        request,
        calls: await callsFor(request),
        expected: [...expectedCalls(request.expect)].sort(),
      })),
    ),
  );
  const isRight = ({ calls, expected }: (typeof judged)[number]) => {
    const timed = expected.some((call) => call.includes(" @ "));
    const got = timed ? calls.filter((call) => call) : calls.map(withoutTime);
    const left = timed
      ? got.map((call) => (expected.includes(call) ? call : withoutTime(call)))
      : got;
    return JSON.stringify(left.toSorted()) === JSON.stringify(expected);
  };

  it.each(Object.keys(goldenRequests))("understands all of: %s", (capability) => {
    const own = judged.filter((entry) => entry.capability === capability);
    const right = own.filter(isRight);
    process.stdout.write(`planner: ${capability}: ${right.length} of ${own.length} understood\n`);

    const wrong = own.filter((entry) => !isRight(entry));
    expect(wrong.map(({ request, calls }) => ({ ...request, calls }))).toEqual([]);
  });

  it("never changes a guest that was not meant", () => {
    const strays = judged.flatMap(({ request, calls, expected }) => {
      const meant = new Set(expected.map(withoutTime));
      const stray = calls.map(withoutTime).filter((call) => acting(call) && !meant.has(call));
      return stray.map((call) => ({ text: request.text, call }));
    });

    expect(strays).toEqual([]);
  });

  it("is judged on at least 150 requests", () => {
    expect(judged.length).toBeGreaterThanOrEqual(150);
  });
});
