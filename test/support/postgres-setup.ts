import type { TestProject } from "vitest/node";
import { NoPostgresError, startPostgres } from "./postgres-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the server's socket, or why there is no server. */
    readonly postgres: { readonly socketFolder: string } | { readonly missing: string };
  }
}

/** Starts one PostgreSQL for all tests of a run, and says to them where it is. */
export async function setup({ provide }: TestProject): Promise<(() => Promise<void>) | undefined> {
  try {
    const { socketFolder, stop } = await startPostgres();
    provide("postgres", { socketFolder });
    return stop;
  } catch (error) {
    if (!(error instanceof NoPostgresError)) throw error;
    provide("postgres", { missing: error.message });
    return undefined;
  }
}
