const fence = "```";
/** Closes a code block at the end of a piece, or opens it again at the start of the next. */
const fenceRoom = 2 * (fence.length + 1);
/** No place in these is a place to cut: a character in two halves, `&amp;`. */
const longestUnit = 6;

/**
 * Cuts a text into pieces of at most `limit` characters: between paragraphs if possible, else
 * between lines, else words, never within an escaped character. Code blocks stay code blocks.
 */
export function splitText(text: string, limit: number): readonly string[] {
  const pieces: string[] = [];
  let rest = text.trim();
  while (rest.length > limit) {
    const end = placeToCut(rest, limit - fenceRoom);
    const piece = rest.slice(0, end).trimEnd();
    const open = endsInCode(piece);
    pieces.push(open ? `${piece}\n${fence}` : piece);
    const following = open ? rest.slice(end).replace(/^\n/, "") : rest.slice(end).trimStart();
    rest = open ? `${fence}\n${following}` : following;
  }
  return rest ? [...pieces, rest] : pieces;
}

function placeToCut(text: string, limit: number): number {
  for (const separator of ["\n\n", "\n", " "]) {
    const place = text.lastIndexOf(separator, limit);
    // An early place would leave a short piece, and within a code block it might not move on.
    if (place > limit / 2) return place;
  }
  const unit = /&[a-z]{0,4}$|[\ud800-\udbff]$/.exec(text.slice(limit - longestUnit, limit));
  return unit ? limit - unit[0].length : limit;
}

function endsInCode(text: string): boolean {
  return text.split(fence).length % 2 === 0;
}
