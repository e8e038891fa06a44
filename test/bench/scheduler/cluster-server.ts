import { createSimulator } from "#src/simulator/simulator.ts";
import { largeSeed } from "#test/support/large-seed.ts";

/** Where the cluster is that this process simulates, of as many guests as its argument says. */
export interface ClusterMessage {
  readonly url: string;
  readonly tokenId: string;
  readonly tokenSecret: string;
}

const seed = largeSeed(Number(process.argv[2]));
// Its tasks take no time to speak of: what is measured is how soon they are begun.
const simulator = createSimulator({ seed, pace: 0.001 });
const { url, tokenId, tokenSecret } = await simulator.start();
const message: ClusterMessage = { url, tokenId, tokenSecret };
process.send?.(message);
