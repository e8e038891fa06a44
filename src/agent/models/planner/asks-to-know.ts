import { mask, type Word } from "./words.ts";

const questionWords =
  /^(?:(?:tell|show|give|let) (?:me|us) (?:know )?)?(?:(?:on|in|at|for|from|to|by|since) (?=what|which|who|when))?(?:is|are|was|were|did|does|has|have (?!§)|what|which|who|whom|whose|when|since when|where|why|how|any|anything|do (?:we|i|you|they|any)|will(?! (?:you|u)\b)|(?:can|could|may) (?:i|we) (?:please )?(?:see|know|look)|am)\b/;
const askingVerbs =
  /^(?:please )?(?:list|show|display|enumerate|print|tell|check|describe|find|count|look|see|view|inspect|report|search|compare|examine|fetch|query|summari[sz]e|info|information|details?|status|state|overview|ls|lookup|get (?:me )?(?:the |a |all |some |an |info|details|status|list)|give (?:me|us) (?:the |a |an |all |some |info|details|status|list|every)|(?:i|we) (?:see|know|wonder)|know|see|who)\b/;

const factQuestion =
  /^(?:can|could|may) (?:i|we) (?:please )?(?:get|have) (?:a |an |the |some )?(?:\w+ )?(?:list|ips?|address|status|state|info|information|details|overview|summary|uptime|owner|notes|tags)\b/;

/** "deletion schedule": what is planned, by its name. */
const deletionList =
  /^(?:the )?(?:deletion|removal)s? (?:schedule|list|queue|plan|calendar|agenda)s?[ ?.!]*$/;

/** "may I get a list": asks for what is known, in the words of asking for leave. */
export function asksForFacts(clause: readonly Word[]): boolean {
  return factQuestion.test(clause.map(mask).join(" "));
}

/** Asks to be told something, so that no verb in it is a command. */
export function asksToKnow(clause: readonly Word[]): boolean {
  const line = clause.map(mask).join(" ");
  const noun =
    /^(?:give (?:me|us|§)? ?)?(?:§ )?(?:a|the|another|an?other)? ?(?:quick |hard |clean |fresh )?(?:restart|reboot|shutdown|bounce|kick)\b/;
  if (deletionList.test(line) || factQuestion.test(line)) return true;
  return questionWords.test(line) || (askingVerbs.test(line) && !noun.test(line));
}
