/**
 * Begins all at once, for what must not wait to be accepted but is carried out in order.
 *
 * @param begin gets what has to end, one way or the other, before its own is carried out; undefined
 * for the first.
 */
export function beginAllInOrder<Item, Result>(
  items: readonly Item[],
  begin: (item: Item, before: Promise<unknown> | undefined) => Promise<Result>,
): Promise<readonly Result[]> {
  let before: Promise<unknown> | undefined;
  const begun = items.map((item) => {
    const each = begin(item, before);
    before = Promise.allSettled([before, each]);
    return each;
  });
  return Promise.all(begun);
}
