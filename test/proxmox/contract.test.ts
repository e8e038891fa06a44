import { readFileSync } from "node:fs";
import { startSimulator } from "#test/support/simulator.ts";
import { proxmoxContract } from "./contract.ts";

proxmoxContract("the simulator", async () => {
  const simulator = await startSimulator();
  const { url, tokenId, tokenSecret } = simulator;
  return {
    options: { endpoints: [url], tokenId, tokenSecret, tls: { kind: "system" } },
    testVmid: 101,
    testStorage: "local",
    close: () => simulator.stop(),
  };
});

// A real cluster joins when the environment names one: PVE_URL, PVE_TOKEN_ID, PVE_TOKEN_SECRET and
// PVE_CA_FILE; with PVE_TEST_VMID that guest is started and stopped, else nothing is changed; with
// PVE_TEST_STORAGE besides, it is backed up there, and a copy is restored and destroyed.
const { PVE_URL, PVE_TOKEN_ID, PVE_TOKEN_SECRET, PVE_CA_FILE } = process.env;
const { PVE_TEST_VMID, PVE_TEST_STORAGE } = process.env;

if (PVE_URL) {
  proxmoxContract(PVE_URL, async () => ({
    options: {
      endpoints: [PVE_URL],
      tokenId: PVE_TOKEN_ID ?? "",
      tokenSecret: PVE_TOKEN_SECRET ?? "",
      tls: PVE_CA_FILE
        ? { kind: "ca", pem: readFileSync(PVE_CA_FILE, "utf8") }
        : { kind: "system" },
    },
    testVmid: PVE_TEST_VMID ? Number(PVE_TEST_VMID) : undefined,
    testStorage: PVE_TEST_STORAGE || undefined,
    close: async () => undefined,
  }));
}
