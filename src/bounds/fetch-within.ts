/** An answer that is longer than anything that was asked for can be. */
export class AnswerTooLongError extends Error {
  override readonly name = "AnswerTooLongError";
}

/**
 * `fetch`, whose answers are read up to `maxBytes`, as they are once they are unpacked: a small
 * answer can unpack to one that fills the memory. How long reading takes is for the caller's signal.
 *
 * Reading the body of a longer answer rejects with {@link AnswerTooLongError}.
 */
export function fetchWithin(maxBytes: number): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const { body } = response;
    return body ? new Response(body.pipeThrough(upTo(maxBytes)), response) : response;
  };
}

function upTo(maxBytes: number): TransformStream<Uint8Array, Uint8Array> {
  let size = 0;
  return new TransformStream({
    transform(chunk, controller) {
      size += chunk.byteLength;
      if (size > maxBytes) throw new AnswerTooLongError(`The answer is longer than ${maxBytes} B.`);
      controller.enqueue(chunk);
    },
  });
}
