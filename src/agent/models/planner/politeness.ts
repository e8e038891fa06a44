import { mask, masked, type Word } from "./words.ts";

/** Ways of saying a request politely; they mean nothing by themselves. */
const politeness: readonly RegExp[] = [
  /\b(?:(?:i|we) (?:would|do) (?:really |very much )?(?:appreciate|like|love) (?:it )?|(?:it )?would be (?:really |very )?(?:great|nice|good|lovely|helpful|awesome|cool|kind) )if you (?:could|would|can)\b/g,
  /\b(?:it )?would be (?:really |very )?(?:great|nice|good|lovely|helpful|awesome|cool) if (?=§|the |all |both |my |our )/g,
  /\b(?:if|when(?:ever)?) (?:you|u) (?:do not mind|can|could|would|please|get (?:a|the) (?:chance|moment|minute)|have (?:a |the |some )?(?:chance|time|moment|minute|sec|second)|are (?:free|ready)|get (?:around )?to it)\b/g,
  /\b(?:if (?:that is |it is )?(?:possible|ok(?:ay)?|fine|alright|no trouble|not too much trouble)(?: with you)?)\b/g,
  /\b(?:please|pls|plz|kindly|thanks(?: a lot| so much)?(?: in advance)?|thank you(?: very much| so much)?(?: in advance)?|thx|ty|cheers)\b/g,
  /^[ ,]*(?:(?:hey|hi|hello|yo|ok|okay|well|so|alright|right|um+|uh+|hmm+|no wait|wait no|good (?:morning|afternoon|evening)|dear|listen|wait|hang on|oh no|no(?= ?[,!.])|sorry|excuse me|morning|actually|now|oh|great|cool|nice|perfect|yes|yeah|and|also|then|there|bot|agent|team|folks|all|assistant|proxmox|buddy|mate|man|friend|quick one|one more thing|next|first|finally|lastly)(?: ?[,!.:] ?| +))+(?=\S)/g,
  /\b(?:could|can|would|will|may|might) (?:you|u|i ask you to|someone|somebody|anyone|anybody|(?:we|i) (?:please )?(?:have|get)(?= §| the| all| it| them| both| my)|i please|we please)(?: (?:maybe|perhaps|possibly|also|just|quickly|then|all|be so kind (?:as to|and)|be able to|mind|go ahead and|help me(?: to)?|do me a favou?r(?: and|,)?|kindly|manage to))*\b/g,
  /\b(?:would|do) you mind\b|(?<!never )\bmind(?= \w+ing\b)/g,
  /\b(?:i|we) (?:was|were|am|are) (?:just )?wondering (?:if|whether) you (?:could|can|would)(?: maybe| perhaps)?\b/g,
  /\b(?:i|we) (?:would|do) (?:really )?(?:like|love|want|need|appreciate|prefer)(?: it if you (?:could|would)| for you)?(?: (?:you )?to)?\b/g,
  /\b(?<!\b(?:do|did) )(?:i|we) (?:am |are )?(?:really |just |now )?(?:want|need|wish|have|got|wanting|needing|gonna need|going to need) (?:you )?(?:to|for you to)\b(?! (?:play|work|use|test|try|go|sleep|save)\b)/g,
  /\b(?:i|we) (?:gotta|wanna)\b/g,
  /\b(?:i|we) (?:have )?(?:decided|agreed|chosen) to(?= keep)/g,
  /^ *why do not (?:you|we)\b/g,
  /\b(?:(?:i|we) (?:am |are )?)?(?:gonna|going to) need\b/g,
  /\b(?:it is|it will be) (?:needed|necessary|required|important|urgent)(?: (?:to|that (?:you|we)))?\b/g,
  /\b(?:i|we) (?:kindly |hereby |would )?(?:request|ask|require)(?: (?:you to|that))?(?= )/g,
  /\b(?:any chance|is there any chance|is there a chance|is it possible for)(?: that)? you (?:could|can|would|to)\b|\bwould it be possible (?:for you )?to\b/g,
  /\b(?:be so kind (?:as to|and)|be a (?:dear|darling|star) and|do me a favou?r(?:,? and)?|go ahead and|do the needful(?: and)?|feel free to|you can|you may|you should|time to|it is time to|let us|please go and|make sure (?:to|you|that you)|remember to|try to|i am asking you to|help me(?: to)?|help us(?: to)?|your task is to|your job is to|be sure to)\b/g,
];

/** A line of words without its politeness, word positions kept by blanks. */
function impolite(line: string): string {
  let plain = line;
  for (let pass = 0; pass < 2; pass++) {
    for (const pattern of politeness)
      plain = plain.replace(pattern, (match) => " ".repeat(match.length));
  }
  return plain;
}

const asking =
  /\b(?:could|can|would|will|mind|wondering|want|need|like|possible|chance|please|let us|time to)\b/;

/** The words without "could you please" and the like, and whether anything of it was there. */
export function withoutPoliteness(words: readonly Word[]): {
  readonly words: readonly Word[];
  readonly asked: boolean;
} {
  const line = masked(words);
  const plain = impolite(line);
  let at = 0;
  const kept = words.filter((word) => {
    const from = at;
    at += mask(word).length + 1;
    return word.text === "\n" || plain.slice(from, at - 1).trim() !== "";
  });
  return { words: kept, asked: plain !== line && asking.test(line) };
}
