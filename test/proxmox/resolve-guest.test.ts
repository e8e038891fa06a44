import { describe, expect, it } from "vitest";
import type { Guest } from "#src/proxmox/guest.ts";
import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import { resolveGuest } from "#src/proxmox/resolve-guest.ts";
import { aGuest } from "#test/support/guests.ts";

const cluster = [
  aGuest({ vmid: 101, name: "web-01", node: "pve1", owner: "alice" }),
  aGuest({ vmid: 102, name: "web-02", node: "pve1", owner: "alice" }),
  aGuest({ vmid: 103, name: "test-runner", node: "pve1", owner: "bob" }),
  aGuest({ vmid: 110, name: "staging", node: "pve3", owner: "bob" }),
  aGuest({ vmid: 111, name: "ct103", node: "pve1", owner: "carol" }),
  aGuest({ vmid: 210, kind: "vm", name: "staging", node: "pve1", owner: "carol" }),
  aGuest({ vmid: 1010, name: "build-cache", node: "pve3", owner: "bob" }),
];

function resolve(reference: string, guests: readonly Guest[] = cluster, nameless: number[] = []) {
  try {
    return resolveGuest(reference, { guests, nameless }).vmid;
  } catch (error) {
    if (error instanceof ProxmoxError) return error.kind;
    throw error;
  }
}

function messageOf(reference: string, guests: readonly Guest[] = cluster, nameless: number[] = []) {
  try {
    resolveGuest(reference, { guests, nameless });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${reference} was resolved`);
}

describe("resolveGuest", () => {
  it.each([
    ["103", 103],
    ["1010", 1010],
    ["#103", 103],
    ["vmid 103", 103],
    ["guest 103", 103],
    ["ct 103", 103],
    ["CT-103 on pve1", "no-such-guest"],
    ["lxc 110", 110],
    ["lxc/110", 110],
    ["vm/210", 210],
    ["VM210", 210],
    ["web-02", 102],
    ["WEB-02", 102],
    [" `web-02`. ", 102],
    ["the web-02 container", 102],
    ["web-02 (CT 102)", 102],
    ["CT 102 (web-02)", 102],
    ["web-02 (102)", 102],
    ["CT staging", 110],
    ["staging (VM)", 210],
    ["the staging vm", 210],
    ["virtual machine staging", 210],
    ["staging on pve3", 110],
    ["staging (on pve1)", 210],
    ["staging on node PVE3", 110],
    ["bob's staging", 110],
    ["Bob’s staging", 110],
    ["staging owned by carol", 210],
    ["carol's staging VM on pve1", 210],
    ["staging (VM 210 on pve1)", 210],
  ])("reads %s", (reference, expected) => {
    expect(resolve(reference)).toBe(expected);
  });

  it.each([
    ["a part of a name", "web"],
    ["a part of a VMID", "10"],
    ["a number that begins with a zero", "0103"],
    ["a VMID of the other kind", "VM 103"],
    ["a name on another node", "web-02 on pve3"],
    ["a name of another owner", "bob's web-02"],
    ["a VMID and another guest's name", "web-01 (CT 102)"],
    ["two VMIDs", "101 (102)"],
    ["two kinds", "VM web-02 (CT)"],
    ["two owners", "bob's staging owned by carol"],
    ["two nodes", "staging on pve3 (on pve1)"],
    ["a word that begins like a way of saying VMID", "idweb-02"],
    ["nothing", ""],
    ["a text without end", `${"the ".repeat(20_000)}web-02`],
  ])("finds no guest for %s", (_, reference) => {
    expect(resolve(reference)).toBe("no-such-guest");
  });

  it("takes a name for a name, even where it looks like a kind and a VMID", () => {
    expect(resolve("ct103")).toBe(111);
    expect(resolve("ct103 on pve1")).toBe(111);
  });

  it("lists both guests of one name", () => {
    expect(resolve("staging")).toBe("ambiguous-guest");
    expect(messageOf("staging")).toContain("CT 110 staging (on pve3, owner bob)");
    expect(messageOf("staging")).toContain("VM 210 staging (on pve1, owner carol)");
  });

  it("asks where a number is one guest's VMID and another one's name", () => {
    const guests = [...cluster, aGuest({ vmid: 500, name: "103" })];
    expect(resolve("103", guests)).toBe("ambiguous-guest");
    expect(resolve("103", [aGuest({ vmid: 500, name: "103" })])).toBe(500);
    expect(resolve("103", [aGuest({ vmid: 103, name: "103" })])).toBe(103);
  });

  it("resolves no name while a guest is listed without one", () => {
    const guests = [...cluster, aGuest({ vmid: 120, name: undefined })];
    expect(resolve("web-02", guests, [120])).toBe("incomplete-inventory");
    expect(messageOf("web-02", guests, [120])).toContain("Guest 120 is listed without a name");
    expect(resolve("102", guests, [120])).toBe(102);
    expect(resolve("120", guests, [120])).toBe(120);
  });

  it("says where the namesake is, or what may have been meant", () => {
    expect(messageOf("web-02 on pve3")).toContain("There is CT 102 web-02 (on pve1");
    expect(messageOf("web2")).toContain("Did you mean CT 102 web-02");
    expect(messageOf("nothing-like-it")).toContain("List the guests");
  });
});
