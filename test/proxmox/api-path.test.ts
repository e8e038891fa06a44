import { expect, it } from "vitest";
import { apiPath, nodeOfPath } from "#src/proxmox/api-path.ts";

it("encodes what is put into a path", () => {
  expect(apiPath`/nodes/${"pve1"}/tasks/${"UPID:a/b@c!d:"}/status`).toBe(
    "/nodes/pve1/tasks/UPID%3Aa%2Fb%40c!d%3A/status",
  );
});

it.each([
  ["/nodes/pve1/lxc/101/config", "pve1"],
  ["/cluster/resources", undefined],
  ["/nodes", undefined],
])("%s asks the node %s", (path, node) => {
  expect(nodeOfPath(path)).toBe(node);
});
