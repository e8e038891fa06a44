import { describe, expect, it } from "vitest";
import { errorOfConnection, errorOfResponse, errorOfTask } from "#src/proxmox/classify-error.ts";

const read = { method: "GET", path: "/nodes/pve1/lxc/101/config", node: "pve1" } as const;
const write = { method: "POST", path: "/nodes/pve1/lxc/101/status/start", node: "pve1" } as const;

describe("errorOfResponse", () => {
  it.each([
    ["Permission check failed (/vms/101, VM.Audit)\n", 403, "forbidden"],
    ["Configuration file 'nodes/pve1/lxc/9999.conf' does not exist\n", 500, "no-such-guest"],
    ["Configuration file 'nodes/pve1/qemu-server/9.conf' does not exist\n", 500, "no-such-guest"],
    ["CT 101 already running\n", 500, "already-in-state"],
    ["CT 102 not running\n", 500, "already-in-state"],
    ["CT is locked (backup)\n", 500, "locked"],
    ["VM is locked (snapshot-delete)\n", 500, "locked"],
    ["can't lock file '/run/lock/lxc/pve-config-101.lock' - got timeout\n", 500, "locked"],
    ["can't remove CT 102 - protection mode enabled\n", 500, "protected"],
    [
      "unable to remove CT 150 - used in HA resources and purge parameter not set.\n",
      500,
      "ha-managed",
    ],
    [
      "There is a replication job '101-0' for guest '101' - Please remove that first.\n",
      500,
      "replicated",
    ],
    ["you can't start a vm if it's a template\n", 500, "template"],
    ["cluster not ready - no quorum?\n", 500, "no-quorum"],
    [
      "unable to open file '/etc/pve/nodes/pve1/lxc/102.conf.tmp.126' - Permission denied\n",
      500,
      "no-quorum",
    ],
    ["unable to destroy CT 101 - container is running\n", 500, "wrong-state"],
    ["VM 200 is running - destroy failed\n", 500, "wrong-state"],
    ["hostname lookup 'nope' failed - failed to get address info\n", 500, "node-unreachable"],
    ["something nobody has seen\n", 500, "unexpected"],
    ["Method 'GET /nope' not implemented", 501, "not-implemented"],
  ])("knows %j", (message, status, kind) => {
    const error = errorOfResponse(read, { status, reason: "", message });
    expect(error).toMatchObject({ kind, status });
    expect(error.message).toMatch(/^[^\n]+[.!?]$/);
  });

  it("names the privilege and the path that are missing", () => {
    const message = "Permission check failed (/vms/101, VM.Config.Disk|VM.Config.Options)\n";
    expect(errorOfResponse(read, { status: 403, reason: "", message }).message).toContain(
      "VM.Config.Disk or VM.Config.Options on /vms/101",
    );
  });

  it("names the parameter that is wrong", () => {
    const failed = {
      status: 400,
      reason: "Parameter verification failed.",
      errors: { timeout: "type check ('integer') failed - got 'abc'\n" },
    };
    expect(errorOfResponse(write, failed)).toMatchObject({
      kind: "bad-parameter",
      message: "Proxmox refused the request: timeout: type check ('integer') failed - got 'abc'.",
    });
  });

  it.each([
    [401, read, "unauthorized"],
    [401, write, "unauthorized"],
    [595, read, "node-unreachable"],
    [595, write, "node-unreachable"],
    [596, read, "node-unreachable"],
    [596, write, "outcome-unknown"],
    [599, write, "outcome-unknown"],
    [504, write, "outcome-unknown"],
  ])("takes an empty %i for what it is to a read or a write", (status, call, kind) => {
    expect(errorOfResponse(call, { status, reason: "Connection refused" }).kind).toBe(kind);
  });
});

describe("errorOfConnection", () => {
  const origin = "https://pve1:8006";
  const failed = (fields: object) => Object.assign(new Error("failed"), fields);

  it.each([
    [{ code: "ECONNREFUSED", syscall: "connect" }, "unreachable"],
    [{ code: "ENOTFOUND", syscall: "getaddrinfo" }, "unreachable"],
    [{ code: "UND_ERR_CONNECT_TIMEOUT" }, "unreachable"],
    [{ code: "ECONNRESET", syscall: "read" }, "outcome-unknown"],
    [{ code: "EHOSTUNREACH", syscall: "read" }, "outcome-unknown"],
    [{ code: "UND_ERR_SOCKET" }, "outcome-unknown"],
    [{ code: "UND_ERR_HEADERS_TIMEOUT" }, "outcome-unknown"],
    [{ code: "DEPTH_ZERO_SELF_SIGNED_CERT" }, "bad-certificate"],
    [{ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }, "bad-certificate"],
    [{ code: "ERR_TLS_CERT_ALTNAME_INVALID" }, "bad-certificate"],
    [{ code: "CERT_HAS_EXPIRED" }, "bad-certificate"],
  ])("says of a write that failed with %j what is certain", (fields, kind) => {
    expect(errorOfConnection(write, origin, failed(fields)).kind).toBe(kind);
  });

  it("believes a write unsent only if every address refused it", () => {
    const refused = failed({ code: "ECONNREFUSED", syscall: "connect" });
    const reset = failed({ code: "ECONNRESET", syscall: "read" });
    const all = new AggregateError([refused, refused]);
    const some = new AggregateError([refused, reset]);
    expect(errorOfConnection(write, origin, all).kind).toBe("unreachable");
    expect(errorOfConnection(write, origin, some).kind).toBe("outcome-unknown");
  });

  it("keeps the cause", () => {
    const cause = failed({ code: "ECONNRESET", syscall: "read" });
    expect(errorOfConnection(read, origin, cause)).toMatchObject({ kind: "unreachable", cause });
  });
});

describe("errorOfTask", () => {
  const upid = "UPID:pve1:0000021B:00088EE4:6B00CFB4:vzstart:102:assistant@pve!bot:";

  it.each([
    ["CT is locked (backup)", "locked"],
    ["VM 200 already running", "already-in-state"],
    ["VM quit/powerdown failed - got timeout", "task-failed"],
    ["job errors", "task-failed"],
    ["unexpected status", "outcome-unknown"],
    [
      "unable to restore CT 150 - 403 Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)",
      "forbidden",
    ],
  ])("knows the exit status %j", (exitStatus, kind) => {
    expect(errorOfTask(upid, exitStatus)).toMatchObject({ kind, upid });
  });
});
