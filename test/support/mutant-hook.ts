/**
 * Loaded first (`--import`), it has the sources loaded with the edits in `MUTANT`, a JSON array.
 * What is not edited is the same file as ever to Node, and comes from its compile cache.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Edit } from "./mutate.ts";

const edits = JSON.parse(process.env.MUTANT ?? "[]") as readonly Edit[];
const urlOf = ({ file }: Edit) => pathToFileURL(file).href;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const ofFile = edits.filter((edit) => urlOf(edit) === url);
    if (ofFile.length === 0) return loaded;
    const original = readFileSync(fileURLToPath(url), "utf8");
    const source = ofFile.reduce(
      (text, { find, replace }) => text.replace(find, () => replace),
      original,
    );
    return { ...loaded, source };
  },
});
