/** The place of one thing among others that are carried out in order. */
export interface Place {
  /** What has to be over before it is carried out; undefined for the first. Never rejects. */
  readonly before: Promise<unknown> | undefined;
  /** Says that it was carried out, so that the next one may be, while its own aftermath goes on. */
  carriedOut(): void;
}

/** Begins all at once, for what must not wait to be accepted but is carried out in order. */
export function beginAllInOrder<Item, Result>(
  items: readonly Item[],
  begin: (item: Item, place: Place) => Promise<Result>,
): Promise<readonly Result[]> {
  let before: Promise<unknown> | undefined;
  const begun = items.map((item) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const carriedOut = () => resolve();
    const each = begin(item, { before, carriedOut });
    each.then(carriedOut, carriedOut);
    before = Promise.all([before, promise]);
    return each;
  });
  return Promise.all(begun);
}
