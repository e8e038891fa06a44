/** One word for a shell, which would take an exclamation mark for a command. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
