import { describe, expect, it } from "vitest";
import { parseUpid } from "#src/proxmox/upid.ts";

describe("parseUpid", () => {
  it("reads node, type, guest, start and token", () => {
    expect(
      parseUpid("UPID:pve1:00000279:000890AD:6B00CFB8:vzdestroy:150:assistant@pve!bot:"),
    ).toEqual({
      node: "pve1",
      type: "vzdestroy",
      id: "150",
      startTime: 0x6b00cfb8,
      auth: "assistant@pve!bot",
    });
  });

  it("reads an id with an @ in it", () => {
    const upid = parseUpid("UPID:pve1:00000279:000890AD:6B00CFB8:imgdel:103@local:root@pam:");
    expect(upid?.id).toBe("103@local");
    expect(upid?.auth).toBe("root@pam");
  });

  it("reads a task without an object, and a start counter of nine digits", () => {
    const upid = parseUpid("UPID:pve1:00000279:1000890AD:6B00CFB8:vzdump::root@pam:");
    expect(upid?.id).toBe("");
  });

  it.each([
    ["the answer of a vzdump that did nothing", "OK"],
    ["a UPID of Backup Server", "UPID:pbs:00000279:000890AD:00000001:6B00CFB8:verify:s:root@pam:"],
    ["a cut-off UPID", "UPID:pve1:00000279:000890AD:6B00CFB8:vzstart:101"],
    ["an empty string", ""],
  ])("takes %s for no task", (_, text) => {
    expect(parseUpid(text)).toBeUndefined();
  });
});
