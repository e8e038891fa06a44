import { type ActContext, planRequest, resolveTargets } from "./acts.ts";
import { planAside } from "./asides.ts";
import type { Turn } from "./conversation.ts";
import type { Lexicon } from "./lexicon.ts";
import { helpText, type Plan, type PlannedCall, say } from "./plan.ts";
import type { Clause, Progress, Scene, Step } from "./progress.ts";
import { referentsOf } from "./referents.ts";
import type { Request } from "./requests.ts";
import { type Resolved, referenceTo } from "./resolved.ts";

/** Plans the clauses one after another; any question among them leaves everything undone. */
export function planClauses(scene: Scene, earlier: readonly Turn[]): Plan {
  const { clauses, lexicon } = scene;
  if (isTimeForSeveral(clauses)) {
    return say(
      "Is that time for all of it? Only deletions can be scheduled; please ask for each thing on its own.",
    );
  }
  let progress: Progress = { calls: [], referents: referentsOf(earlier, lexicon), named: false };
  for (const [index, { words, request }] of clauses.entries()) {
    const step: Step = request
      ? planChange(request, index, progress, scene)
      : planAside(words, index, progress, scene);
    if ("plan" in step) return step.plan;
    progress = step;
  }
  if (progress.calls.length > 0) return { kind: "calls", calls: distinct(progress.calls, lexicon) };
  return say(`I am not sure what you mean, so I did nothing. ${helpText}`);
}

/** "tomorrow stop web-01 and delete dev-bob": which of them the time is for is open. */
function isTimeForSeveral(clauses: readonly Clause[]): boolean {
  const requests = clauses.flatMap(({ request }) => request ?? []);
  const time = clauses[0]?.request?.time;
  return requests.length > 1 && Boolean(time?.leading && time.when && !time.isNow);
}

function planChange(request: Request, index: number, progress: Progress, scene: Scene): Step {
  let step = progress;
  for (const part of byTime(request)) {
    const context = { ...scene, referents: step.referents };
    const resolved = guestsFor(part, scene.clauses[index + 1]?.request, step, context);
    const plan = planRequest(part, resolved, context);
    if (plan.kind !== "calls") return { plan };
    const current = resolved.kind === "guests" ? resolved.guests : step.referents.current;
    step = {
      calls: [...step.calls, ...plan.calls],
      referents: { ...step.referents, current },
      named: true,
    };
  }
  return step;
}

/** "delete A tomorrow and B on friday": each time belongs to the guests before it. */
function byTime(request: Request): readonly Request[] {
  const { time, targets, act } = request;
  if (!/deletion/.test(act) || time.parts.length < 2 || time.leading) return [request];
  const parts = time.parts.filter(({ words }) => words.some(({ guests }) => guests.length > 0));
  if (parts.length < 2) return [request];
  const own = new Set(targets);
  return parts.map(({ words, when }) => ({
    ...request,
    targets: words.filter((word) => own.has(word)),
    time: { ...time, when, parts: [] },
  }));
}

/** "shut down and delete dev-bob": a verb without a guest shares that of the clause beside it. */
function guestsFor(
  request: Request,
  next: Request | undefined,
  { named, referents }: Progress,
  context: ActContext,
): Resolved {
  const own = resolveTargets(request, context);
  if (own.kind !== "nothing" || isAboutCluster(request)) return own;
  const [only, ...others] = referents.current;
  const onlyOne = /cancel|reschedule/.test(request.act) && only && others.length === 0;
  if (!named && !onlyOne) return next ? resolveTargets(next, context) : own;
  const references = referents.current.map((guest) => referenceTo(guest, context.lexicon));
  return { kind: "guests", references, guests: referents.current };
}

/** "delete dev-bob and power off the cluster": that is no guest, and not the guest beside it either. */
function isAboutCluster({ targets }: Request): boolean {
  return targets.some(
    ({ text }, index) =>
      /^(?:cluster|proxmox|pve|datacenter|node|nodes|hypervisors?)$/.test(text) &&
      !targets.slice(0, index).some((word) => /^(?:in|on|of|from|inside|at)$/.test(word.text)),
  );
}

/** Each call once, whether it names its guest or gives the VMID. */
function distinct(calls: readonly PlannedCall[], lexicon: Lexicon): readonly PlannedCall[] {
  const keyOf = ({ tool, args: { guest, ...rest } }: PlannedCall) => {
    const [found] = lexicon.find(guest ?? "");
    return JSON.stringify([tool, found?.vmid ?? guest, rest]);
  };
  return [...new Map(calls.map((one) => [keyOf(one), one])).values()];
}
