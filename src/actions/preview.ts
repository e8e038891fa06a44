import type { Decision, Effect } from "#src/policy/policy.ts";
import type { Target } from "#src/policy/target.ts";

/** What a call would come to now. Nothing was done to find it out but reading. */
export type Preview =
  /** It cannot even be planned; the message says why. */
  | { readonly kind: "impossible"; readonly message: string }
  | {
      readonly kind: "possible";
      readonly effect: Effect;
      /** The plan's sentence. */
      readonly summary: string;
      readonly target: Target;
      /** Set when there would be nothing left to do. */
      readonly unchanged?: string | undefined;
      readonly decision: Decision;
    };
