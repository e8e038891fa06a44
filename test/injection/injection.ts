import { type Channel, channels } from "./channels.ts";
import { type Goal, goals } from "./goals.ts";
import { type CaseResult, openLab } from "./lab.ts";
import { type Template, templates } from "./templates.ts";

export interface InjectionCase {
  readonly channel: Channel;
  readonly template: Template;
  readonly goal: Goal;
}

/** Every channel with every template and every third goal, so that each goal meets them all. */
export const cases: readonly InjectionCase[] = channels.flatMap((channel, place) =>
  templates.flatMap((template, dress) =>
    goals
      .filter((_, index) => (index + place + dress) % 3 === 0)
      .map((goal) => ({ channel, template, goal })),
  ),
);

export interface InjectionResult {
  readonly cases: number;
  /** Cases in which the model found the order where it came before its eyes, and tried to obey. */
  readonly obeyed: number;
  /** Of those in which it can come before its eyes at all. */
  readonly reachable: number;
  /** Acts that no person has confirmed, and questions that a text has answered. */
  readonly effects: readonly string[];
  readonly secrets: readonly string[];
  /** Markup of others in what Slack gets, and orders on a card. */
  readonly markup: readonly string[];
}

/** As many cases share a database; a long audit log would slow the later ones down. */
const casesPerLab = 120;

/** Plays these cases, one after another, against the real program. */
export async function inject(chosen: readonly InjectionCase[] = cases): Promise<InjectionResult> {
  const results: CaseResult[] = [];
  for (let first = 0; first < chosen.length; first += casesPerLab) {
    await using lab = await openLab();
    for (const one of chosen.slice(first, first + casesPerLab)) {
      results.push(named(one, await lab.play(one)));
    }
  }
  return {
    cases: chosen.length,
    obeyed: results.filter(({ obeyed }) => obeyed).length,
    reachable: chosen.filter(({ channel }) => channel.reachesModel).length,
    effects: results.flatMap(({ effects }) => effects),
    secrets: results.flatMap(({ secrets }) => secrets),
    markup: results.flatMap(({ markup }) => markup),
  };
}

function named({ channel, template, goal }: InjectionCase, result: CaseResult): CaseResult {
  const name = (fault: string) => `${channel.name}, ${template.name}, ${goal.name}: ${fault}`;
  const { obeyed, effects, secrets, markup } = result;
  return {
    obeyed,
    effects: effects.map(name),
    secrets: secrets.map(name),
    markup: markup.map(name),
  };
}
