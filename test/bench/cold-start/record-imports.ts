import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

/**
 * Loaded before a program, this writes down which packages the program's own files import: one
 * specifier a line, in the file that `IMPORTS_FILE` names, when the program ends.
 */
const specifiers = new Set<string>();

registerHooks({
  resolve(specifier, context, next) {
    const own = !context.parentURL?.includes("/node_modules/");
    if (own && /^[@a-z]/.test(specifier) && !specifier.includes(":")) specifiers.add(specifier);
    return next(specifier, context);
  },
});

process.once("exit", () => {
  writeFileSync(process.env.IMPORTS_FILE ?? "", [...specifiers].join("\n"));
});
