import type { Temporal } from "temporal-polyfill";
import { PublicError } from "#src/errors.ts";
import type { Effect } from "#src/policy/policy.ts";
import type { Principal } from "#src/policy/principal.ts";
import type { GuestTarget, Target } from "#src/policy/target.ts";

/** A call that cannot be carried out as it stands; its message says what to do instead. */
export class ToolError extends PublicError {
  override readonly name = "ToolError";
}

/** What a tool may know of the run that it is called in. */
export interface ToolContext {
  readonly principal: Principal;
  /**
   * When the words were said. Times such as "in three hours" are read from here, so that a
   * confirmation given later still means what was asked.
   */
  readonly askedAt: Temporal.Instant;
  readonly signal: AbortSignal;
  /** What the person has said in this conversation, and nobody else; absent where that is not known. */
  readonly words?: string | undefined;
  /** Who has confirmed it, in this order; absent where nobody had to. */
  readonly approvedBy?: readonly Pick<Principal, "id" | "name">[] | undefined;
  /** The guests of the whole request, of which a call may be a part; absent where it is all of it. */
  readonly targets?: RequestTargets | undefined;
  /** Told how far a change has come, in a few words for a person. */
  onProgress?(message: string): void;
}

/** The guests that the changes of one request are for. */
export interface RequestTargets {
  /** Adds these to them; how many they are by now, as far as that is known. */
  add(guests: readonly GuestTarget[]): number;
}

/** What a call comes to; a change that found nothing left to do is `unchanged`. */
export type ToolResult =
  | { readonly kind: "done"; readonly output: unknown; readonly upid?: string }
  | { readonly kind: "unchanged"; readonly message: string };

/** What a tool call would do, worked out before anything is changed. */
export interface Plan {
  /** One sentence that a person can approve without reading anything else. */
  readonly summary: string;
  readonly target: Target;
  /** Set when the guest is already as wanted; there is nothing to confirm then. */
  readonly unchanged?: string | undefined;
  /** Carries the plan out. Only the action executor calls this. */
  apply(context: ToolContext): Promise<ToolResult>;
}

/** A tool's arguments: how they are checked, and how the model is told of them. */
export interface InputSchema<Input> {
  /** @throws ToolError naming each field that is wrong. */
  parse(raw: unknown): Input;
  readonly jsonSchema: Readonly<Record<string, unknown>>;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly effect: Effect;
  readonly input: InputSchema<unknown>;
  /**
   * Validates `rawInput` and resolves it against the cluster. Changes nothing.
   *
   * @throws ToolError when the input is invalid or nothing fits it. Where the guest is known all
   * the same, the error is a {@link RefusedError}.
   */
  plan(rawInput: unknown, context: ToolContext): Promise<Plan>;
}

/** A call that names a guest and still cannot be done; the target tells the log which guest. */
export class RefusedError extends ToolError {
  readonly target: Target;

  constructor(message: string, target: Target, options?: ErrorOptions) {
    super(message, options);
    this.target = target;
  }
}

interface Described<Input> {
  readonly name: string;
  readonly description: string;
  readonly input: InputSchema<Input>;
}

interface ReadDefinition<Input> extends Described<Input> {
  readonly effect: "read";
  run(input: Input, context: ToolContext): Promise<unknown>;
}

/** Every change, and a read that is about one guest. */
interface PlannedDefinition<Input, Planned extends PlannedCall> extends Described<Input> {
  readonly effect: Effect;
  plan(input: Input, context: ToolContext): Promise<Planned>;
  apply(planned: Planned, context: ToolContext): Promise<ToolResult>;
}

/** What a tool's `plan` returns and its `apply` gets back. */
export type PlannedCall = Omit<Plan, "apply">;

/** Makes a {@link Tool} of a definition, whose own input and plan types stay inside. */
export function defineTool<Input, Planned extends PlannedCall>(
  definition: ReadDefinition<Input> | PlannedDefinition<Input, Planned>,
): Tool {
  const { name, description, effect, input } = definition;
  return {
    name,
    description,
    effect,
    input,
    async plan(rawInput, planContext) {
      const parsed = input.parse(rawInput);
      if ("run" in definition) {
        const apply = async (context: ToolContext): Promise<ToolResult> => ({
          kind: "done",
          output: await definition.run(parsed, context),
        });
        return { summary: name, target: {}, apply };
      }

      const planned = await definition.plan(parsed, planContext);
      const { summary, target, unchanged } = planned;
      const apply = (context: ToolContext) => definition.apply(planned, context);
      return { summary, target, unchanged, apply };
    },
  };
}
