import { expect, it } from "vitest";
import type { Delivery } from "#test/support/fake-slack/deliveries.ts";
import { hearMessages, startFakeSlack, testTransport } from "#test/support/slack-transport.ts";

const events = 1_000;
const batches = 20;

it(`runs each of ${events} events that come twice exactly once, whatever happens to the sockets`, async () => {
  const slack = await startFakeSlack({
    ackTimeoutMs: 400,
    retryDelaysMs: [0, ...Array<number>(20).fill(300)],
  });
  const { fake } = slack;
  const everything = { slots: 8, slotsPerPerson: 8 };
  const limits = { messages: everything, waitingPerPerson: events };
  const tested = await testTransport({ slack, limits });
  const heard = hearMessages(tested, async ({ text }) => {
    await tested.web.bulk.chat.postMessage({ channel: "C0PROXMOX", text: `answer to ${text}` });
  });
  await tested.transport.start();
  fake.deliveries.copies = 2;

  const chaos: Readonly<Record<number, () => void>> = {
    3: () => fake.socket.disconnect("refresh_requested", fake.socket.connections()[0]),
    6: () => fake.socket.kill(fake.socket.connections()[0]),
    8: () => {
      fake.faults.next("apps.connections.open", { kind: "ratelimited", retryAfter: 1 }, 2);
      fake.faults.next("chat.postMessage", { kind: "ratelimited", retryAfter: 1 }, 3);
      fake.socket.kill(fake.socket.connections()[0]);
    },
    10: () => {
      fake.socket.pongs = false;
    },
    16: () => {
      fake.socket.pongs = true;
    },
    18: () => fake.socket.kill(),
  };
  const alice = fake.person("U0ALICE");
  const said: Delivery[] = [];
  for (let batch = 0; batch < batches; batch++) {
    chaos[batch]?.();
    for (let each = 0; each < events / batches; each++) {
      const text = `message ${batch * (events / batches) + each}`;
      said.push(...alice.says(alice.dm, text).deliveries);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await Promise.all(said.map(({ outcome }) => outcome));
  await fake.recorder.eventually("every answer", () => {
    const posts = fake.recorder.calls.filter(
      ({ method, ok }) => method === "chat.postMessage" && ok,
    );
    return posts.length >= events || undefined;
  });

  const runs = Map.groupBy(heard, ({ text }) => text);
  const missed = events - runs.size;
  const twice = [...runs.values()].filter((run) => run.length > 1).length;
  const sent = said.flatMap(({ answers }) => answers);
  const unacked = sent.filter(({ kind }) => kind === "failed").length;
  const opened = fake.recorder.calls.filter(({ method }) => method === "apps.connections.open");
  process.stdout.write(
    `${events} events, delivered ${sent.length} times (${unacked} unacknowledged) over ${opened.length} connections: ${missed} missed, ${twice} run twice.\n`,
  );
  expect({ missed, twice }).toEqual({ missed: 0, twice: 0 });
  expect(sent.length).toBeGreaterThanOrEqual(2 * events);
}, 120_000);
