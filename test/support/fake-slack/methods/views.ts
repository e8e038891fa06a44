import { z } from "zod";
import { json, type MethodTable, method } from "#test/support/fake-slack/arguments.ts";
import { checkView } from "#test/support/fake-slack/blocks/check-view.ts";
import { noteFindings } from "#test/support/fake-slack/content.ts";
import type { FakeContext } from "#test/support/fake-slack/context.ts";
import { type JsonObject, SlackError } from "#test/support/fake-slack/slack-error.ts";
import { type FakeView, wireView } from "#test/support/fake-slack/views.ts";

const sentView = json(z.record(z.string(), z.unknown()));

/** `views.*`. */
export function viewMethods({ workspace, views, recorder }: FakeContext): MethodTable {
  const answer = (view: FakeView) => ({ view: wireView(workspace, view) });

  function take(name: string, view: JsonObject, type: FakeView["type"]): JsonObject {
    const checked = checkView(view, type);
    noteFindings(recorder, name, checked);
    return checked;
  }

  function checkHash(view: FakeView | undefined, hash: string | undefined): void {
    if (view && hash !== undefined && hash !== view.hash) throw new SlackError("hash_conflict");
  }

  return {
    "views.open": method({ trigger_id: z.string(), view: sentView }, ({ trigger_id, view }) => {
      return answer(views.show(trigger_id, take("views.open", view, "modal"), "alone"));
    }),
    "views.push": method({ trigger_id: z.string(), view: sentView }, ({ trigger_id, view }) => {
      return answer(views.show(trigger_id, take("views.push", view, "modal"), "on top"));
    }),
    "views.update": method(
      {
        view_id: z.string().optional(),
        external_id: z.string().optional(),
        view: sentView,
        hash: z.string().optional(),
      },
      ({ view_id, external_id, view, hash }) => {
        const found = views.find(view_id ?? "") ?? views.findExternal(external_id ?? "");
        if (!found) throw new SlackError("not_found");
        checkHash(found, hash);
        return answer(views.replace(found, take("views.update", view, found.type)));
      },
    ),
    "views.publish": method(
      { user_id: z.string(), view: sentView, hash: z.string().optional() },
      ({ user_id, view, hash }) => {
        if (!workspace.users.has(user_id)) throw new SlackError("user_not_found");
        checkHash(views.home(user_id), hash);
        return answer(views.publish(user_id, take("views.publish", view, "home")));
      },
    ),
  };
}
