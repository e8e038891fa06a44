import type { Caller } from "#src/simulator/acl.ts";
import { failure, parameterError } from "#src/simulator/api-error.ts";
import { type ApiKind, kinds } from "#src/simulator/kinds.ts";
import { type Route, route } from "#src/simulator/router.ts";
import type { Simulation } from "#src/simulator/simulation.ts";
import { createPowerRequests } from "./power-requests.ts";

/** Starting and stopping guests of one kind; containers refuse at once what machines refuse late. */
export function powerRoutes(simulation: Simulation, kind: ApiKind): readonly Route[] {
  const { world, power } = simulation;
  const requests = createPowerRequests(simulation, kind);
  const path = `/nodes/{node}/${kind}/{vmid}/status` as const;
  const requires = ["/vms/{vmid}", "VM.PowerMgmt"] as const;

  return [
    route({
      method: "POST",
      path: `${path}/start`,
      requires,
      parameters: { debug: "boolean?", skiplock: "boolean?", timeout: "integer?" },
      handle(input, caller) {
        refuseSkiplock(input, caller);
        if (kind === "lxc" && requests.isRunning(input)) {
          throw failure(`CT ${input.vmid} already running`);
        }
        if (!world.quorate) throw failure("cluster not ready - no quorum?");
        return (
          requests.askHa(input, caller, "started") ??
          requests.start("start", input, caller, power.start)
        );
      },
    }),
    route({
      method: "POST",
      path: `${path}/stop`,
      requires,
      parameters: {
        skiplock: "boolean?",
        timeout: "integer?",
        keepActive: "boolean?",
        "overrule-shutdown": "boolean?",
      },
      handle(input, caller) {
        refuseSkiplock(input, caller);
        requests.assertRunning(input);
        if (input["overrule-shutdown"]) {
          if (requests.isManaged(input)) throw parameterError({ "overrule-shutdown": notForHa });
          requests.stopShutdowns(input);
        }
        return (
          requests.askHa(input, caller, "stopped") ??
          requests.start("stop", input, caller, power.stop)
        );
      },
    }),
    route({
      method: "POST",
      path: `${path}/shutdown`,
      requires,
      parameters: { timeout: "integer?", forceStop: "boolean?" },
      handle(input, caller) {
        requests.assertRunning(input);
        return (
          requests.askHa(input, caller, "stopped") ??
          requests.start("shutdown", input, caller, (guest, task) =>
            power.shutdown(guest, task, input),
          )
        );
      },
    }),
    route({
      method: "POST",
      path: `${path}/reboot`,
      requires,
      parameters: { timeout: "integer?" },
      handle(input, caller) {
        if (!requests.isRunning(input)) {
          throw failure(`${kinds[kind].label} ${input.vmid} not running`);
        }
        return requests.start("reboot", input, caller, (guest, task) =>
          power.reboot(guest, task, input),
        );
      },
    }),
  ];
}

const notForHa = "is not supported for HA-managed guests";

function refuseSkiplock({ skiplock }: { readonly skiplock?: boolean | undefined }, by: Caller) {
  const isRoot = by.user === "root@pam" && by.tokenName === undefined;
  if (skiplock && !isRoot) throw parameterError({ skiplock: "Only root may use this option." });
}
