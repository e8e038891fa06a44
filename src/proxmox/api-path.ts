/** A path of the API whose values are encoded: UPIDs and volume ids hold `:`, `/` and `@`. */
export function apiPath(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((path, part, index) => {
    return `${path}${encodeURIComponent(String(values[index - 1]))}${part}`;
  });
}

/** The node that a path asks, or nothing where any node answers for the cluster. */
export function nodeOfPath(path: string): string | undefined {
  const node = /^\/nodes\/([^/]+)/.exec(path)?.[1];
  return node === undefined ? undefined : decodeURIComponent(node);
}
