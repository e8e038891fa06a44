interface Entry<T> {
  readonly time: number;
  /** Decides between entries of one moment. */
  readonly order: number;
  readonly value: T;
}

/** What is to happen, the earliest first. */
export interface EventQueue<T> {
  add(time: number, order: number, value: T): void;
  /** Takes out the first one, if it is due by `until`. */
  take(until: number): Entry<T> | undefined;
}

/** A binary heap. */
export function createEventQueue<T>(): EventQueue<T> {
  const heap: Entry<T>[] = [];

  function isBefore(a: Entry<T> | undefined, b: Entry<T> | undefined): boolean {
    if (!a || !b) return a !== undefined;
    return a.time < b.time || (a.time === b.time && a.order < b.order);
  }

  function swap(a: number, b: number): void {
    const [x, y] = [heap[a], heap[b]];
    if (x && y) [heap[a], heap[b]] = [y, x];
  }

  function rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at], heap[parent])) return;
      swap(at, parent);
      at = parent;
    }
  }

  function sink(): void {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = isBefore(heap[right], heap[left]) ? right : left;
      if (child >= heap.length || !isBefore(heap[child], heap[at])) return;
      swap(at, child);
      at = child;
    }
  }

  return {
    add(time, order, value) {
      heap.push({ time, order, value });
      rise(heap.length - 1);
    },
    take(until) {
      const [first] = heap;
      if (!first || first.time > until) return undefined;
      const last = heap.pop();
      if (last && heap.length > 0) {
        heap[0] = last;
        sink();
      }
      return first;
    },
  };
}
