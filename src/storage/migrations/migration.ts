import type { Dialect } from "#src/storage/dialect.ts";

/**
 * One step of the schema; forward only, never changed once released. It is plain SQL and knows no
 * table types: a migration must not change when the code does.
 */
export interface Migration {
  readonly name: string;
  /** One after another; SQL that every dialect understands, but for what `dialect` has to say. */
  statements(dialect: Dialect): readonly string[];
}
