import type { Dispatcher } from "undici";

/** A request that its guard kept from being sent; the cause is what the guard threw. */
export class WithheldError extends Error {
  override readonly name = "WithheldError";
}

/**
 * Asks `guard` when the connection stands and the request is about to be written to it, in the same
 * turn of the event loop: however long connecting took, what the guard saw still holds.
 */
export function guardedBy(guard: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const begin = handler.onRequestStart?.bind(handler);
    // The handler belongs to this request alone.
    handler.onRequestStart = (controller, context) => {
      begin?.(controller, context);
      try {
        guard();
      } catch (cause) {
        throw new WithheldError("The request was withheld by its guard.", { cause });
      }
    };
    return dispatch(options, handler);
  };
}
