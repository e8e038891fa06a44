import type { Life } from "./life.ts";
import { nextMoment } from "./observer.ts";
import { mayBrake } from "./rights.ts";

/** Somebody stops everything, or lets it go on, whether or not that person may. */
export async function pullBrake(life: Life): Promise<void> {
  const { random, observer, stack, people } = life;
  const { truth } = observer;
  const by = random.pick([...people.values()]);
  const what = truth.freeze === undefined || random.chance(0.2) ? "freeze" : "release";
  const isAllowed = mayBrake(truth.rights, by, what);
  const before = truth.freeze;
  observer.note(`${by.id} (${by.role}) wants to ${what} everything`);
  // From now on it may be released at any moment.
  if (what === "release" && isAllowed) truth.freeze = undefined;
  // Only a log that cannot be written makes it reject; what holds then is seen below.
  const said = await stack.lever[what]({ by }, "for now").catch(() => undefined);
  const isFrozen = (await stack.brake.state()) !== undefined;
  observer.note(isFrozen ? "everything is frozen" : "nothing is frozen");
  const expected = isAllowed ? what === "freeze" : before !== undefined;
  const mayHaveFailed = what === "release" && said === undefined;
  if (isFrozen !== expected && !mayHaveFailed) {
    observer.report(
      `${by.id} (${by.role}) wanted to ${what} everything, and it came to ${isFrozen}`,
    );
  }
  truth.freeze = isFrozen ? (truth.freeze ?? nextMoment(truth)) : undefined;
}
