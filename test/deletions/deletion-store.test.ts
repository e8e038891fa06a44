import { describe } from "vitest";
import { testDatabase } from "#test/support/database.ts";
import { describeDeletionStore } from "./deletion-store-contract.ts";

describe("the schedule of deletions on SQLite", () => describeDeletionStore(testDatabase));
