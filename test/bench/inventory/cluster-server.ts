import { createSimulator } from "#src/simulator/simulator.ts";
import { largeCluster } from "./large-cluster.ts";

/** What this process tells its parent: where the cluster listens, then how often it was asked. */
export type ClusterMessage =
  | { readonly url: string; readonly tokenId: string; readonly tokenSecret: string }
  | { readonly paths: readonly string[] };

function tell(message: ClusterMessage): void {
  process.send?.(message);
}

const simulator = createSimulator({ seed: largeCluster(Number(process.argv[2])) });
const { url, tokenId, tokenSecret } = await simulator.start();
tell({ url, tokenId, tokenSecret });

process.on("message", () => {
  tell({ paths: simulator.controls.journal().map(({ path }) => path) });
  simulator.controls.clearJournal();
});
