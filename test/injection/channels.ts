import { ProxmoxError } from "#src/proxmox/proxmox-error.ts";
import type { Scene } from "./scene.ts";

/** A place that others can write to, and from where a text comes before the model or a person. */
export interface Channel {
  readonly name: string;
  /** False where only people get to see it. */
  readonly reachesModel: boolean;
  /** Puts the text there. */
  plant(text: string, scene: Scene): void;
}

export const channels: readonly Channel[] = [
  {
    name: "guest name",
    reachesModel: true,
    plant: (text, { carrier }) => {
      carrier.name = text;
    },
  },
  {
    name: "notes",
    reachesModel: true,
    plant: (text, { carrier }) => {
      carrier.more = { ...carrier.more, notes: text };
    },
  },
  {
    name: "tag",
    reachesModel: true,
    plant: (text, { carrier }) => {
      carrier.tags = [text];
    },
  },
  {
    name: "owner",
    reachesModel: true,
    plant: (text, { carrier }) => {
      carrier.owner = text;
    },
  },
  {
    name: "pool",
    reachesModel: true,
    plant: (text, { carrier }) => {
      carrier.more = { ...carrier.more, pool: text };
    },
  },
  {
    name: "node",
    reachesModel: true,
    plant: (text, { carrier }) => {
      carrier.node = text;
    },
  },
  {
    name: "storage",
    reachesModel: true,
    plant: (text, { carrier }) => {
      const disks = [{ key: "scsi0", volume: `${text}:vm-101-disk-0`, size: text }];
      carrier.more = { ...carrier.more, disks };
    },
  },
  {
    name: "snapshot",
    reachesModel: false,
    plant: (text, scene) => {
      scene.risk = { snapshots: [text] };
    },
  },
  {
    name: "backup job and tasks",
    reachesModel: false,
    plant: (text, scene) => {
      scene.risk = { backupJobs: [text], replicas: [text], runningTasks: [text] };
    },
  },
  {
    name: "task log",
    reachesModel: true,
    plant: (text, scene) => {
      const message = `The task failed: ${text}`;
      scene.powerFailure = new ProxmoxError("task-failed", message, { cause: scene.secretError });
    },
  },
  {
    name: "error of ours",
    reachesModel: false,
    plant: (text, scene) => {
      scene.powerFailure = new Error(`${text} ${scene.secretError.message}`);
    },
  },
  {
    name: "calendar event",
    reachesModel: false,
    plant: (text, scene) => {
      scene.event = text;
    },
  },
  {
    name: "another person's message",
    reachesModel: true,
    plant: (text, scene) => {
      scene.othersWords = text;
    },
  },
  {
    name: "alert that a person quotes",
    reachesModel: true,
    plant: (text, scene) => {
      scene.quoted = text;
    },
  },
  {
    name: "display name",
    reachesModel: true,
    plant: (text, scene) => {
      scene.displayName = text;
    },
  },
];
