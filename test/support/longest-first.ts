import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest, most of it waiting; begun last, it would be waited for alone. */
const longest = [
  "e2e/slack-killed",
  "e2e/faults",
  "e2e/kill",
  "e2e/terminal",
  "fuzz/fuzz",
  "sim/mutations",
  "injection/injection",
];

/** Vitest's order, which knows sizes until it has seen how long files take, with the longest first. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) =>
      longest.some((name) => moduleId.endsWith(`/${name}.test.ts`));
    const { long = [], short = [] } = Object.groupBy(await super.sort(files), (file) =>
      isLong(file) ? "long" : "short",
    );
    return [...long, ...short];
  }
}
