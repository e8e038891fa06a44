/** What a JSON value looks like: for each place in it, the keys and types that are found there. */
export type Shape = Readonly<Record<string, string>>;

/**
 * The shape of a value, `key:type` by `key:type`. Rows of a list are taken together by their
 * `type`, as far as they agree.
 */
export function shapeOf(value: unknown, place = ""): Shape {
  if (Array.isArray(value)) {
    const rows = Map.groupBy(value, (row) => `${place}[${isObject(row) ? (row.type ?? "") : ""}]`);
    const shapes = [...rows].map(([name, group]) => agreed(group.map((row) => shapeOf(row, name))));
    return Object.assign({}, ...shapes);
  }
  if (!isObject(value)) return {};
  const entries = Object.entries(value);
  const inner = entries.map(([key, part]) => shapeOf(part, `${place}/${key}`));
  const here = entries.map(([key, part]) => `${key}:${typeName(part)}`).sort();
  return Object.assign({ [place]: here.join(" ") }, ...inner);
}

/** What `expected` has and `actual` lacks or has otherwise. */
export function missingIn(actual: Shape, expected: Shape): string[] {
  return Object.entries(expected).flatMap(([place, fields]) => {
    const found = new Set(actual[place]?.split(" "));
    const missing = fields.split(" ").filter((field) => field !== "" && !found.has(field));
    return missing.map((field) => `${place} ${field}`);
  });
}

function agreed(shapes: readonly Shape[]): Shape {
  const [first = {}, ...others] = shapes;
  return Object.fromEntries(
    Object.entries(first).map(([place, fields]) => {
      const common = fields.split(" ").filter((field) => others.every(has(place, field)));
      return [place, common.join(" ")];
    }),
  );
}

function has(place: string, field: string) {
  return (shape: Shape) => shape[place]?.split(" ").includes(field) ?? false;
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
