import { describe, expect, it } from "vitest";
import { fingerprintOf } from "#src/proxmox/fingerprint.ts";

const container = {
  hostname: "web1",
  memory: "128",
  arch: "amd64",
  ostype: "debian",
  digest: "256da550f1aa7e8a40964f5d5315cc1a8b61a8c9",
  tags: "prod;web",
  net0: "name=eth0,bridge=vmbr0,hwaddr=BC:24:11:59:06:47,ip=10.99.0.101/24,type=veth",
  rootfs: "local:101/vm-101-disk-0.raw,size=1G",
  mp0: "local:101/vm-101-disk-1.raw,mp=/data,size=8G",
};

const machine = {
  name: "vm1",
  memory: "128",
  digest: "61b5e32c88279a4b9af6a1b9e75fac7a6704ab1d",
  meta: "creation-qemu=10.0.13,ctime=1795215178",
  smbios1: "uuid=a6615e42-e119-4c6a-a6fd-ef7859db4418",
  vmgenid: "6b4b7088-932e-495c-a23d-f71041d0150f",
  scsi0: "local:200/vm-200-disk-0.raw,size=1G",
  net0: "virtio=BC:24:11:FC:AC:D8,bridge=vmbr0",
};

describe("a container's fingerprint", () => {
  const original = fingerprintOf("ct", container);

  it.each([
    ["a rename", { hostname: "web2" }],
    ["more memory", { memory: "4096" }],
    ["a larger disk", { rootfs: "local:101/vm-101-disk-0.raw,size=4G" }],
    ["new tags, notes and digest", { tags: "", description: "hello\n", digest: "0" }],
    ["a lock", { lock: "backup" }],
    ["another address on the same card", { net0: container.net0.replace("101/24", "7/24") }],
    ["the card in another slot", { net0: undefined, net3: container.net0 }],
    ["the address written in small letters", { net0: container.net0.replace("BC:24", "bc:24") }],
  ])("survives %s", (_, change) => {
    expect(fingerprintOf("ct", { ...container, ...change })).toBe(original);
  });

  it.each([
    ["another network card", { net0: container.net0.replace("06:47", "06:48") }],
    ["another root volume", { rootfs: "local:101/vm-101-disk-7.raw,size=1G" }],
    ["a mount point less", { mp0: undefined }],
    ["another system", { ostype: "alpine" }],
  ])("changes with %s", (_, change) => {
    expect(fingerprintOf("ct", { ...container, ...change })).not.toBe(original);
  });
});

it("does not depend on the order in which Proxmox lists cards and mount points", () => {
  const cards = { net0: "hwaddr=BC:24:11:00:00:02", net1: "hwaddr=BC:24:11:00:00:01" };
  const mounts = { mp0: "local:b,mp=/b", mp1: "local:a,mp=/a" };
  const reversed = { net1: cards.net1, net0: cards.net0, mp1: mounts.mp1, mp0: mounts.mp0 };
  expect(fingerprintOf("ct", reversed)).toBe(fingerprintOf("ct", { ...cards, ...mounts }));
});

describe("a machine's fingerprint", () => {
  const original = fingerprintOf("vm", machine);

  it.each([
    ["a rename", { name: "vm2" }],
    ["more memory", { memory: "4096" }],
    ["a disk on another storage", { scsi0: "ceph:vm-200-disk-0,size=2G" }],
    ["an update of QEMU", { meta: "creation-qemu=11.0.0,ctime=1795215178" }],
    ["another network card", { net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0" }],
  ])("survives %s", (_, change) => {
    expect(fingerprintOf("vm", { ...machine, ...change })).toBe(original);
  });

  it.each([
    ["another creation time", { meta: "creation-qemu=10.0.13,ctime=1795215179" }],
    ["another UUID", { smbios1: "uuid=a6615e42-e119-4c6a-a6fd-ef7859db4419" }],
    ["a restore or a rollback", { vmgenid: "00000000-932e-495c-a23d-f71041d0150f" }],
  ])("changes with %s", (_, change) => {
    expect(fingerprintOf("vm", { ...machine, ...change })).not.toBe(original);
  });

  it("falls back on network cards and volumes where an old machine has no ids", () => {
    const { meta: _meta, smbios1: _smbios, vmgenid: _genid, ...old } = machine;
    const other = { ...old, net0: "virtio=BC:24:11:00:00:01,bridge=vmbr0" };
    expect(fingerprintOf("vm", other)).not.toBe(fingerprintOf("vm", old));
  });
});

it("tells a container from a machine with the same facts", () => {
  expect(fingerprintOf("ct", {})).not.toBe(fingerprintOf("vm", {}));
});
