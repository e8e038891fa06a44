/**
 * What a person wrote, as the agent reads it: without mentions of us, links and channels in words,
 * other people as the ids that they have, nothing escaped.
 */
export function plainWords(text: string, botUserId: string): string {
  return (
    text
      .replace(/<([^<>]*)>/g, (_, markup: string) => inWords(markup, botUserId))
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&amp;", "&")
      // "@pve: stop it"
      .replace(/^[\s,:]+/, "")
      .trimEnd()
  );
}

function inWords(markup: string, botUserId: string): string {
  const bar = markup.indexOf("|");
  const target = bar < 0 ? markup : markup.slice(0, bar);
  const label = bar < 0 ? "" : markup.slice(bar + 1);
  switch (target[0]) {
    case "@":
      return target === `@${botUserId}` ? "" : `<${target}>`;
    case "#":
      return `#${label || target.slice(1)}`;
    case "!":
      return label || `@${target.slice(1)}`;
    default:
      return label || target.replace(/^mailto:/, "");
  }
}
