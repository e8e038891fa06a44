import { Temporal } from "temporal-polyfill";
import type { Clock } from "#src/clock.ts";
import { createEventQueue } from "./event-queue.ts";
import type { Random } from "./random.ts";
import { createTrace, type Trace } from "./trace.ts";

const minute = 60_000;
/** How long a client waits for an answer. */
export const clientTimeout = 20_000;
const longestSuspension = 6 * 60 * minute;

/** How often what goes wrong, of one request. */
export interface FaultRates {
  readonly lostRequest: number;
  readonly lostAnswer: number;
  readonly slow: number;
  readonly crash: number;
  readonly suspend: number;
  /** A crash or a suspension, right where it matters. */
  readonly critical: number;
}

/** A process: it can crash, and then never goes on, or be suspended, and then does not notice. */
export interface Actor {
  readonly name: string;
  isAlive: boolean;
  suspendedUntil: number;
  onCrash(): void;
}

/** Something that an actor waits for. */
export interface Io<T> {
  readonly name: string;
  run(): T | Promise<T>;
  /** What the actor is told when there is no answer. */
  readonly failure: () => Error;
  /** Our own database answers sooner, and is lost more rarely. */
  readonly isNear?: boolean;
}

export interface Figures {
  ios: number;
  crashes: number;
  suspensions: number;
}

/** A world with a time of its own, in which one thing happens after another. */
export interface Simulation {
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: Trace;
  readonly figures: Figures;
  now(): number;
  /** Whether anything goes wrong by itself. */
  isFaulty: boolean;
  /** Something of the world, which nobody can lose. */
  at(time: number, run: () => void | Promise<void>): void;
  io<T>(actor: Actor, io: Io<T>): Promise<T>;
  /** Resolves after that many milliseconds, or when the actor is resumed after them. */
  sleep(actor: Actor, milliseconds: number): Promise<void>;
  crash(actor: Actor): void;
  suspend(actor: Actor, milliseconds: number): void;
  /** Told of each request that was carried out. */
  onIo(listener: (name: string) => void): void;
  /** Told when an actor's turn is over, or something of the world has happened. */
  onStep(listener: () => void | Promise<void>): void;
  runUntil(time: number): Promise<void>;
}

type Fate = Exclude<keyof FaultRates, "critical"> | "fine";

/** Where knowledge goes stale, or an act is half done. */
const critical =
  /^(calendar\.change |pve\.(find|history|read|destroy|shutdown|start)|deletions\.(advance|begin))/;

/**
 * Runs everything in the order of its simulated time. What an actor does between two awaits takes
 * no time; whatever it awaits goes through {@link Simulation.io} or {@link Simulation.sleep}, where
 * the seed decides when it happens, and whether the actor gets to know.
 */
export function createSimulation(random: Random, rates: FaultRates, startAt: number): Simulation {
  const queue = createEventQueue<() => void | Promise<void>>();
  const trace = createTrace();
  const figures: Figures = { ios: 0, crashes: 0, suspensions: 0 };
  const ioListeners: ((name: string) => void)[] = [];
  const stepListeners: (() => void | Promise<void>)[] = [];
  let now = startAt;

  const at = (time: number, run: () => void | Promise<void>) =>
    queue.add(Math.max(now, time), random.next(), run);

  /** Goes on with the actor then; later where it is suspended, never where it has crashed. */
  function resume(actor: Actor, time: number, run: () => void): void {
    at(time, async () => {
      if (!actor.isAlive) return;
      if (actor.suspendedUntil > now) {
        return resume(actor, actor.suspendedUntil + random.between(0, 20), run);
      }
      run();
      await quiet();
    });
  }

  function crash(actor: Actor): void {
    if (!actor.isAlive) return;
    actor.isAlive = false;
    figures.crashes += 1;
    trace.note(now, actor.name, "CRASHES");
    actor.onCrash();
  }

  function suspend(actor: Actor, milliseconds: number): void {
    actor.suspendedUntil = now + milliseconds;
    figures.suspensions += 1;
    trace.note(now, actor.name, `IS SUSPENDED for ${Math.round(milliseconds / minute)} min`);
  }

  function drawFate({ name, isNear }: Pick<Io<unknown>, "name" | "isNear">): Fate {
    if (!simulation.isFaulty) return "fine";
    if (critical.test(name) && random.chance(rates.critical)) {
      return random.pick(["crash", "suspend"]);
    }
    const rarity = isNear ? 0.3 : 1;
    let draw = random.next();
    for (const fate of ["crash", "suspend"] as const) {
      draw -= rates[fate];
      if (draw < 0) return fate;
    }
    for (const fate of ["lostRequest", "lostAnswer", "slow"] as const) {
      draw -= rates[fate] * rarity;
      if (draw < 0) return fate;
    }
    return "fine";
  }

  async function carryOut<T>(actor: Actor, io: Io<T>, fate: Fate): Promise<() => Promise<T>> {
    const answer = await Promise.resolve()
      .then(io.run)
      .then(
        (value) => ({ text: "ok", give: () => Promise.resolve(value) }),
        (error: unknown) => ({ text: textOf(error), give: () => Promise.reject(error) }),
      );
    trace.note(now, actor.name, `${io.name}: ${answer.text}${fate === "fine" ? "" : ` [${fate}]`}`);
    for (const listener of ioListeners) listener(io.name);
    return answer.give;
  }

  function io<T>(actor: Actor, request: Io<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!actor.isAlive) return;
      const isNear = request.isNear ?? false;
      const fate = drawFate(request);
      figures.ios += 1;
      const giveUpAt = now + clientTimeout;
      const way = () => (isNear ? random.spread(1, 8) : random.spread(5, 400));
      const arrivesAt = now + (fate === "slow" ? random.spread(1_000, clientTimeout) : way());

      if (fate === "lostRequest" || fate === "lostAnswer") {
        resume(actor, giveUpAt, () => reject(request.failure()));
      }
      if (fate === "lostRequest") {
        trace.note(now, actor.name, `${request.name} [${fate}]`);
        return;
      }
      const crashesFirst = fate === "crash" && random.chance(0.5);
      if (crashesFirst) crash(actor);
      at(arrivesAt, async () => {
        // What a dead process had sent may still be on its way.
        if (!actor.isAlive && random.chance(0.5)) return;
        const give = await carryOut(actor, request, fate);
        if (fate === "crash") crash(actor);
        if (fate === "suspend") suspend(actor, random.spread(1_000, longestSuspension));
        if (fate === "lostAnswer") return;
        resume(actor, now + way(), () => void give().then(resolve, reject));
      });
    });
  }

  const simulation: Simulation = {
    clock: { now: () => Temporal.Instant.fromEpochMilliseconds(now) },
    random,
    trace,
    figures,
    now: () => now,
    isFaulty: true,
    at,
    io,
    sleep: (actor, milliseconds) =>
      new Promise((resolve) => resume(actor, now + milliseconds, resolve)),
    crash,
    suspend,
    onIo: (listener) => ioListeners.push(listener),
    onStep: (listener) => stepListeners.push(listener),
    async runUntil(time) {
      for (;;) {
        const next = queue.take(time);
        if (!next) break;
        now = next.time;
        await next.value();
        for (const listener of stepListeners) await listener();
      }
      now = time;
    },
  };
  return simulation;
}

/** Resolves when nothing can go on by itself: what runs here waits for promises only. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same, but each of its methods is a request that the simulation carries out. */
export function throughIo<T extends object>(
  simulation: Simulation,
  actor: Actor,
  store: T,
  name: string,
): T {
  const failure = () => new Error("The database did not answer.");
  return new Proxy(store, {
    get(target, property) {
      const member = Reflect.get(target, property) as unknown;
      if (typeof member !== "function") return member;
      return (...parameters: unknown[]) =>
        simulation.io(actor, {
          name: `${name}.${String(property)}${subjectOf(parameters[0])}`,
          run: () => Reflect.apply(member, target, parameters) as unknown,
          failure,
          isNear: true,
        });
    },
  });
}

/** Of which deletion or notice a call is, for people who read the trace. */
function subjectOf(parameter: unknown): string {
  if (typeof parameter === "string") return ` ${parameter}`;
  const isRecord = typeof parameter === "object" && parameter !== null;
  return isRecord && "id" in parameter ? ` ${parameter.id}` : "";
}
