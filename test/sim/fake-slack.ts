import { type Delivery, DeliveryError } from "#src/outbox/outbox-sender.ts";
import type { Notice } from "#src/outbox/outbox-store.ts";
import type { Actor, Simulation } from "./simulation.ts";

/** What people have read. */
export interface Post extends Notice {
  readonly at: number;
}

export interface FakeSlack {
  readonly posts: readonly Post[];
  isDown: boolean;
  /** People reach us, and we may not post: a channel was archived, say. */
  isMute: boolean;
  /** The delivery of one process; each call is one request. */
  deliveryOf(actor: Actor): Delivery;
}

interface Options {
  /** How often a message that is there is not found again. */
  readonly findFails: number;
}

export function createFakeSlack(simulation: Simulation, { findFails }: Options): FakeSlack {
  const posts: Post[] = [];
  const failure = () => new Error("Slack did not answer.");
  const slack: FakeSlack = {
    posts,
    isDown: false,
    isMute: false,
    deliveryOf: (actor) => ({
      send: ({ key, recipient, message, about }) =>
        simulation.io(actor, {
          name: `slack.send ${key}`,
          run() {
            requireUp(slack);
            if (slack.isMute) throw new DeliveryError("Not allowed.", { permanent: false });
            posts.push({ key, recipient, message, about, at: simulation.now() });
            return `C1/${posts.length}`;
          },
          failure,
        }),
      find: ({ key }) =>
        simulation.io(actor, {
          name: `slack.find ${key}`,
          run() {
            requireUp(slack);
            const index = posts.findIndex((post) => post.key === key);
            const isMissed = simulation.isFaulty && simulation.random.chance(findFails);
            return index < 0 || isMissed ? undefined : `C1/${index + 1}`;
          },
          failure,
        }),
    }),
  };
  return slack;
}

function requireUp({ isDown }: FakeSlack): void {
  if (isDown) throw new DeliveryError("Slack is down.", { permanent: false });
}
