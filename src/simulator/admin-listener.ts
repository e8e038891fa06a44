import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { ApiError } from "./api-error.ts";
import { type Controls, commandSchemas } from "./controls.ts";
import { type Reply, readBody, send } from "./http-server.ts";

/** Answers `/simulator/…`: the controls for whoever is in another process. */
export type AdminListener = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
) => Promise<void>;

const commands: Readonly<Record<string, keyof typeof commandSchemas>> = {
  "/simulator/faults": "fault",
  "/simulator/faults/clear": "clearFaults",
  "/simulator/nodes": "node",
  "/simulator/quorum": "quorum",
  "/simulator/guests": "guest",
  "/simulator/task-endings": "taskEnding",
  "/simulator/slow-tasks": "slowTask",
  "/simulator/reuse": "reuse",
  "/simulator/clock": "clock",
  "/simulator/verification": "verification",
  "/simulator/tokens": "token",
  "/simulator/collect": "collect",
  "/simulator/journal/clear": "clearJournal",
  "/simulator/reset": "reset",
};

/** Every command is a POST with JSON, checked before it runs; the journal is a GET. */
export function createAdminListener(controls: Controls): AdminListener {
  function run(name: keyof typeof commandSchemas, body: unknown): void {
    const checked = commandSchemas[name].parse(body);
    // The schema of the same name has just checked the argument.
    (controls[name] as (argument: unknown) => void)(checked);
  }

  async function answer(request: IncomingMessage, path: string): Promise<Reply> {
    if (request.method === "GET" && path === "/simulator/journal") {
      return reply(200, { data: controls.journal() });
    }
    const name = request.method === "POST" ? commands[path] : undefined;
    if (!name) return reply(404, { message: `Commands: POST ${Object.keys(commands).join(", ")}` });
    // A page in somebody's browser cannot send this type without asking first.
    if (!request.headers["content-type"]?.startsWith("application/json")) {
      return reply(415, { message: "Send JSON, as application/json." });
    }
    run(name, JSON.parse((await readBody(request)) || "{}"));
    return reply(200, { data: null });
  }

  return async (request, response, path) => {
    await send(request, response, await answer(request, path).catch(failureReply));
  };
}

function failureReply(error: unknown): Reply {
  if (error instanceof z.ZodError) return reply(400, { message: z.prettifyError(error) });
  if (error instanceof ApiError) return reply(error.status, { message: error.message });
  return reply(400, { message: error instanceof Error ? error.message : String(error) });
}

function reply(status: number, content: unknown): Reply {
  const body = `${JSON.stringify(content)}\n`;
  return {
    status,
    reason: status === 200 ? "OK" : "Refused",
    contentType: "application/json",
    body,
  };
}
