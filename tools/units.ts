const units = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** `1.5 GiB` */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const rounded = Math.round((bytes / 1024 ** power) * 10) / 10;
  return `${rounded} ${units[power]}`;
}

/** `3 days`, in the largest unit that fits once. */
export function formatDuration(seconds: number): string {
  const steps = [
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
    ["second", 1],
  ] as const;
  const [unit, length] = steps.find(([, length]) => seconds >= length) ?? steps[3];
  const count = Math.floor(seconds / length);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** `7%` of 0.07. */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)}%`;
}
