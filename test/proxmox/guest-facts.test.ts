import { describe, expect, it } from "vitest";
import {
  disksOf,
  hasAgent,
  ownerInNotes,
  parseTags,
  reachableAddresses,
} from "#src/proxmox/guest-facts.ts";

describe("parseTags", () => {
  it("takes the owner out of the tags", () => {
    expect(parseTags("prod;owner-alice;web")).toEqual({ tags: ["prod", "web"], owner: "alice" });
  });

  it("keeps a second owner as a tag, and an owner tag without a name", () => {
    expect(parseTags("owner-;owner-bob;owner-eve")).toEqual({
      tags: ["owner-", "owner-eve"],
      owner: "bob",
    });
  });

  it("knows an owner however the tag is written", () => {
    expect(parseTags("Owner-Bob")).toEqual({ tags: [], owner: "Bob" });
  });

  it("knows a guest without tags", () => {
    expect(parseTags(undefined)).toEqual({ tags: [], owner: undefined });
  });
});

it.each<[string | undefined, string | undefined]>([
  ["owner: bob", "bob"],
  ["Test machine\n\n Owner: bob@corp \nuntil spring", "bob@corp"],
  ["OWNER=bob", "bob"],
  ["owner: alice\nowner: bob", "alice"],
  ["the owner: bob", undefined],
  ["owner: bob and others", undefined],
  ["owner:", undefined],
  [undefined, undefined],
])("reads the owner in the notes %j", (notes, owner) => {
  expect(ownerInNotes(notes)).toBe(owner);
});

it("lists the disks that are the guest's own", () => {
  const disks = disksOf({
    scsi0: "local-lvm:vm-200-disk-0,iothread=1,size=32G",
    ide2: "local:iso/debian.iso,media=cdrom,size=600M",
    sata0: "none,media=cdrom",
    efidisk0: "local-lvm:vm-200-disk-1,size=4M",
    scsihw: "virtio-scsi-single",
    net0: "virtio=BC:24:11:FC:AC:D8,bridge=vmbr0",
  });
  expect(disks).toEqual([
    { key: "scsi0", volume: "local-lvm:vm-200-disk-0", size: "32G" },
    { key: "efidisk0", volume: "local-lvm:vm-200-disk-1", size: "4M" },
  ]);
});

it("leaves out addresses that nobody else can reach", () => {
  const addresses = ["127.0.0.1", "::1", "10.0.0.5/24", "10.0.0.5", "fe80::1", "2001:db8::5"];
  expect(reachableAddresses(addresses)).toEqual(["10.0.0.5", "2001:db8::5"]);
});

it.each([
  ["1", true],
  ["enabled=1,fstrim_cloned_disks=1", true],
  ["1,type=virtio", true],
  ["0", false],
  ["enabled=0", false],
  [undefined, false],
])("reads the agent setting %s", (agent, expected) => {
  expect(hasAgent({ agent })).toBe(expected);
});
