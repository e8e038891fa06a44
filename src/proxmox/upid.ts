/** What a task's id says: where it runs, what it does to whom, since when, on whose behalf. */
export interface Upid {
  readonly node: string;
  /** Such as `vzstart`, `qmdestroy`, `vzdump`. */
  readonly type: string;
  /** The VMID for a guest's tasks; empty where a task has no single object. */
  readonly id: string;
  /** Epoch seconds by the node's clock. */
  readonly startTime: number;
  /** `user@realm` or `user@realm!token`. */
  readonly auth: string;
}

const pattern =
  /^UPID:([^\s:]+):[0-9A-F]{8}:[0-9A-F]{8,9}:([0-9A-F]{8}):([^\s:]+):([^\s:]*):([^\s:]+):$/i;

/** Reads a UPID of Proxmox VE; nothing for any other string, such as the "OK" of a void vzdump. */
export function parseUpid(text: string): Upid | undefined {
  const [, node, startTime, type, id, auth] = pattern.exec(text) ?? [];
  if (!node || !startTime || !type || !auth) return undefined;
  return { node, type, id: id ?? "", startTime: Number.parseInt(startTime, 16), auth };
}
