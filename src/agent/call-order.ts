/** What may run beside its neighbours, unless it changes something. */
interface Step {
  readonly change: boolean;
}

/**
 * Runs the steps in their order: neighbours that change nothing side by side, at most `parallel`
 * at once, and each change alone, after all before it and before all after it. `run` is told
 * whether a change went before. Results are in the steps' order.
 */
export async function runInOrder<S extends Step, Result>(
  steps: readonly S[],
  parallel: number,
  run: (step: S, afterChange: boolean) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  let changed = false;
  for (const group of groupsOf(steps)) {
    results.push(...(await inParallel(group, parallel, (step) => run(step, changed))));
    changed ||= group.some(({ change }) => change);
  }
  return results;
}

/** Each change by itself, and what lies between two changes together. */
function groupsOf<S extends Step>(steps: readonly S[]): readonly (readonly S[])[] {
  const groups: S[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (last && !step.change && !last.some(({ change }) => change)) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** Like `Promise.all` over `map`, with at most `limit` at once. */
export async function inParallel<In, Out>(
  inputs: readonly In[],
  limit: number,
  map: (input: In) => Promise<Out>,
): Promise<readonly Out[]> {
  const outputs = new Array<Out>(inputs.length);
  const rest = inputs.entries();
  async function work() {
    for (const [index, input] of rest) outputs[index] = await map(input);
  }
  await Promise.all(Array.from({ length: Math.min(limit, inputs.length) }, work));
  return outputs;
}
