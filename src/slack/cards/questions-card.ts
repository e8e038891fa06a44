import type { ActionsBlock, KnownBlock } from "@slack/types";
import type { Confirmation } from "#src/actions/confirmation-store.ts";
import { nameToTypeForAll } from "#src/actions/typed-name.ts";
import { messageLength } from "#src/slack/format/limits.ts";
import type { SlackMessage } from "#src/slack/format/message.ts";
import { button, joinWithin, section } from "./card.ts";
import { titleOf } from "./confirmation-card.ts";

/** By which Slack tells us that all of a message's questions are answered at once. */
export const approveAllAction = "confirmations_approve";
export const declineAllAction = "confirmations_decline";

/** A question, and how it looks at present. */
export interface Face {
  readonly confirmation: Confirmation;
  readonly message: SlackMessage;
}

/** Slack takes 50 blocks in a message; the title and the buttons for all go on top of these. */
const blocksOfFaces = 46;
/** Characters; Slack refuses more than about 13,200 in all blocks, of which these count some twice. */
const charactersOfFaces = 12_000;

/** The questions as one message shows them: each with its own buttons, and those that answer all. */
export function questionsCard(faces: readonly Face[]): SlackMessage {
  const [first, ...others] = faces;
  if (first && others.length === 0) return first.message;
  const title = `*${faces.length} questions*`;
  const titles = faces.map(({ confirmation }) => `• ${titleOf(confirmation)}`);
  const open = faces.map(({ confirmation }) => confirmation).filter(isOpen);
  return {
    text: joinWithin([title, ...titles], messageLength),
    blocks: [
      section([title, ...titles]),
      ...faces.flatMap(({ message }, index) => apart(message.blocks, index)),
      ...(open.length > 1 ? [buttonsForAll(open)] : []),
    ],
  };
}

/** The questions by the messages that they fit into, in their order. */
export function pagesOf(faces: readonly Face[]): readonly (readonly Face[])[] {
  const pages: Face[][] = [];
  let blocks = 0;
  let characters = 0;
  for (const face of faces) {
    const size = { blocks: face.message.blocks.length + 1, characters: lengthOf(face) };
    blocks += size.blocks;
    characters += size.characters;
    const page = pages.at(-1);
    if (page && blocks <= blocksOfFaces && characters <= charactersOfFaces) page.push(face);
    else {
      pages.push([face]);
      ({ blocks, characters } = size);
    }
  }
  return pages;
}

function lengthOf({ message }: Face): number {
  return JSON.stringify(message.blocks).length;
}

/** Whether it still waits for somebody. */
export function isOpen({ state }: Confirmation): boolean {
  return state === "pending";
}

/** Below a line; what Slack finds blocks by has to be unique within a message. */
function apart(blocks: readonly KnownBlock[], index: number): readonly KnownBlock[] {
  const own = blocks.map((block) =>
    block.block_id === undefined ? block : { ...block, block_id: `${block.block_id}_${index}` },
  );
  return [{ type: "divider" }, ...own];
}

function buttonsForAll(open: readonly Confirmation[]): ActionsBlock {
  const ids = open.map(({ id }) => id).join(" ");
  const approve = `Approve all ${open.length}${nameToTypeForAll(open) === undefined ? "" : "…"}`;
  return {
    type: "actions",
    block_id: "confirmations",
    elements: [
      {
        ...button(approveAllAction, ids, approve, `Approve all ${open.length} questions`),
        style: "danger",
      },
      button(declineAllAction, ids, "Cancel all", "Cancel all, leave everything as it is"),
    ],
  };
}
