import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { redactOutput } from "#src/app/process-config.ts";

it("shows no secret on a stream, whoever writes to it and however", async () => {
  const stream = new PassThrough();
  redactOutput([stream], (said) => said.replaceAll("hunter2", "***"));

  stream.write("it is hunter2\n");
  await new Promise((written) => stream.write("hunter2 again\n", "utf8", written));
  stream.end();

  expect(await text(stream)).toBe("it is ***\n*** again\n");
});
