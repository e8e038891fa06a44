/** Which tasks an order is for. */
export interface TaskOrder {
  /** `vzdestroy` */
  readonly type: string;
  /** Any guest's when omitted. */
  readonly vmid?: number | undefined;
  /** How many tasks it is for. */
  readonly times: number;
}

/** What was ordered for tasks that are still to come. */
export interface TaskOrders<Order extends TaskOrder> {
  add(order: Order): void;
  /** The order for this task, which is then used up by one. */
  take(task: { readonly type: string; readonly id: string }): Order | undefined;
}

/** No orders yet. */
export function createTaskOrders<Order extends TaskOrder>(): TaskOrders<Order> {
  const waiting: { readonly order: Order; left: number }[] = [];
  return {
    add: (order) => void waiting.push({ order, left: order.times }),
    take({ type, id }) {
      const found = waiting.find(
        ({ order, left }) =>
          left > 0 && order.type === type && (order.vmid ?? id).toString() === id,
      );
      if (found) found.left -= 1;
      return found?.order;
    },
  };
}
