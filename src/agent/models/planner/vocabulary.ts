/** What a person can want changed, in the words of the tools. */
export type Act =
  | "start_guest"
  | "shutdown_guest"
  | "stop_guest"
  | "reboot_guest"
  | "schedule_deletion"
  | "cancel_deletion"
  | "reschedule_deletion"
  | "restore_guest";

const list = (text: string): readonly string[] =>
  text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter(Boolean);

/** The verbs of each act; the words of a longer one may stand apart ("turn web-02 off"). */
export const actPhrases: Readonly<Record<Exclude<Act, "restore_guest">, readonly string[]>> = {
  start_guest: list(`start, start up, startup, boot, boot up, power up, power on, poweron, turn on,
    turn back on, switch on, switch back on, fire up, spin up, spin back up, bring up, bring back,
    bring back up, bring online, bring back online, bring to life, launch, wake, wake up, put online,
    get running, get up and running, get going, get back up, get online, get back online, 
    crank up, start back up, power back on, power back up, boot back up, take online, unpause`),
  shutdown_guest: list(`stop, halt, shut down, shutdown, shut off, shut, turn off, switch off,
    power off, poweroff, power down, take down, take offline, bring down, bring offline, spin down,
    wind down, close down, put offline, put down, quiesce, deactivate, get offline`),
  stop_guest: list(`kill, force stop, forcestop, force-stop, hard stop, hard-stop, force off,
    force shutdown, force shut down, force kill, hard kill, force power off, hard power off,
    hard shutdown, hard shut down, force halt, pull plug, yank plug, cut power, cut the power,
    drop power, unplug, power cut, force quit, kill off, force down, yank power, pull power`),
  reboot_guest: list(`restart, re-start, reboot, re-boot, bounce, cycle, power cycle, power-cycle,
    powercycle, relaunch, turn off and on, turn off and back on, switch off and on, stop and start,
    start over, shut down and start, reload`),
  schedule_deletion:
    list(`delete, remove, get rid of, be rid of, destroy, nuke, decommission, trash, erase,
    wipe, purge, drop, tear down, teardown, retire, scrap, dispose of, bin, discard, throw away,
    throw out, toss, eliminate, obliterate, axe, sunset, ditch, zap, annihilate, do away with,
    blow away, kill for good, take out of service, put down for good, rm, del`),
  cancel_deletion: list(`keep, spare, unschedule, undelete, hold on to, hang on to, hold onto,
    hang onto, rescue, retain, preserve, save`),
  reschedule_deletion: list(`reschedule, postpone, defer, push back, put off, push out, delay`),
};

/** With "deletion" as their object, these verbs act on what is scheduled. */
export const deletionVerbs: readonly (readonly [act: Act, verbs: readonly string[]])[] = [
  [
    "reschedule_deletion",
    list(`move, shift, change, push, delay, postpone, put off, bring, bring forward, pull, pull forward,
      reschedule, defer, retime, set back, extend, adjust, put back, update`),
  ],
  [
    "cancel_deletion",
    list(`cancel, call off, abort, stop, halt, undo, drop, remove, delete, revoke, scrap, forget,
      withdraw, scratch, forget about, kill, unschedule, clear, take off, rescind, discard, void, skip, reverse, take back,
      get rid of, nix, prevent`),
  ],
  [
    "schedule_deletion",
    list(`schedule, plan, mark, set, put, book, queue, arrange, add, request, flag, line up, slate,
      schedule in, set up, organise, organize, initiate, order, prepare, earmark, do, start`),
  ],
];

/** What the tools cannot do yet; said instead of acting on half of it. */
export const unsupportedVerbs =
  list(`create, clone, copy, duplicate, migrate, relocate, transfer, resize,
  grow, expand, shrink, extend, backup, back, snapshot, rollback, roll, rename, suspend, pause, resume,
  hibernate, freeze, install, update, upgrade, patch, execute, exec, run, ssh, login,
  connect, attach, detach, mount, unmount, add, increase, decrease, reduce, change, configure, edit,
  modify, enable, disable, assign, tag, untag, label, lock, unlock, protect, unprotect, convert,
  import, export, download, upload, deploy, provision, build, rebuild, reinstall, reset, terminate,
  drain, scale, move, set, allocate, give, make, format, encrypt, replicate, schedule, automate,
  ping, test, fix, repair, debug, monitor, notify, alert, email, log, open, put, archive, swap`);

export const deletionNouns = new Set(
  list(`deletion, deletions, removal, removals, destruction, decommission, decommissioning, deleting, removing,
    deletetion, delete, teardown, retirement`),
);

export const kindWords = tableOf<"ct" | "vm" | "any">({
  ct: "ct",
  cts: "ct",
  lxc: "ct",
  pct: "ct",
  lxcs: "ct",
  container: "ct",
  containers: "ct",
  vm: "vm",
  vms: "vm",
  qemu: "vm",
  qm: "vm",
  kvm: "vm",
  "virtual-machine": "vm",
  "virtual-machines": "vm",
  guest: "any",
  guests: "any",
  machine: "any",
  machines: "any",
  server: "any",
  servers: "any",
  box: "any",
  boxes: "any",
  instance: "any",
  instances: "any",
  one: "any",
  ones: "any",
  workload: "any",
  workloads: "any",
  host: "any",
  hosts: "any",
  system: "any",
  systems: "any",
  group: "any",
  stack: "any",
  fleet: "any",
  environment: "any",
});

export const pluralKinds = new Set(
  Object.keys(kindWords)
    .filter((word) => word.endsWith("s") && word !== "lxcs")
    .concat("lxcs", "group", "stack", "fleet", "environment"),
);

export const statusWords = tableOf<"running" | "stopped">({
  running: "running",
  up: "running",
  online: "running",
  active: "running",
  started: "running",
  alive: "running",
  live: "running",
  on: "running",
  booted: "running",
  "powered-on": "running",
  stopped: "stopped",
  off: "stopped",
  down: "stopped",
  offline: "stopped",
  halted: "stopped",
  inactive: "stopped",
  dead: "stopped",
  "not-running": "stopped",
  "powered-off": "stopped",
  "shut-down": "stopped",
  "turned-off": "stopped",
  "switched-off": "stopped",
});

export const tagAliases: Readonly<Record<string, string>> = {
  production: "prod",
  development: "dev",
  testing: "test",
  database: "db",
  databases: "db",
  kubernetes: "k8s",
  infrastructure: "infra",
  archived: "archive",
  desktops: "desktop",
};

export const numberWords = tableOf<number>({
  both: 2,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
});

/** Words that carry no meaning of their own in a request for a change. */
export const fillers = new Set(
  list(`the, a, an, of, please, pls, plz, kindly, just, now, gracefully, graceful, cleanly, clean,
    properly, nicely, safely, softly, gently, quickly, fast, again, also, too, as, well, then, first, next, wants, name, got, fresh,
    finally, back, go, ahead, and, i, we, you, want, need, needs, like, would, could, can, will, to, be,
    get, have, make, sure, give, do, perform, let, us, me, really, actually, that, which, who, is, are,
    should, must, has, there, here, it's, with, named, called, id, vmid, number, no, nr, tagged, labelled, labeled, in, on, from, at, node, for, belonging, owned, by, own, owns, owner,
    currently, still, entire, whole, complete, completely, whichever, whose, those, these, this,
    them, they, all, every, each, any, everything, only, exactly, up, down, off, out, so, ok, okay,
    right, thanks, thank, cheers, quick, once, more, time, another, today's, our, your, their, his,
    her, old, good, permanently, forever, entirely, altogether, proxmox, cluster, away, over, instead,
    deletion, scheduled, planned, pending, after, rather, about, particular, specific, same, little, bit,
    goes, happens, real, super, very, pretty, u, ya, sec, second, moment, minute, while,
    simply, someone, somebody, anyone, anybody, gets, getting, initiate, trigger, issue, execute, request, ask, asap, urgently, urgent, today, temporarily, proper,
    carefully, happen, done, use, anymore, longer, but, plan, schedule`),
);

export const exceptWords = new Set(["except", "excluding", "without", "besides", "minus", "save"]);

export const greetings =
  /^(?:hi|hello|hey|yo|howdy|hiya|greetings|good (?:morning|afternoon|evening|day)|moin|servus)(?: (?:there|bot|all|everyone|agent|assistant|team))*$/;
export const thanks =
  /^(?:ok(?:ay)? |great |perfect |cool |nice |awesome )*(?:thanks|thank you|thx|cheers|ta|great|perfect|cool|nice|awesome|good job|well done|much appreciated|ok|okay|alright|got it)(?: (?:a lot|so much|very much|again|you|man|mate|everyone|that is all|that was all|for (?:that|the help|your help)))*$/;
export const approvals =
  /^(?:yes|yep|yeah|yup|y|ja|sure|confirm|confirmed|i confirm|approve|approved|i approve|do it|go ahead|go for it|proceed|affirmative|correct|exactly|right|that one|i am sure|yes (?:please|do it|go ahead|i am sure|confirm|that one|sure|i confirm)|sure go ahead|ok do it|okay do it|please do|make it so)(?: (?:it|that|please|then|all|now|both|the deletion|everything))*$/;
export const refusals =
  /^(?:no|nope|nah|n|never mind|nevermind|forget it|forget that|leave it|do not|no thanks|no thank you|not now|cancel|stop|abort|neither|none)(?: (?:please|thanks|then))*$/;
export const help =
  /^(?:please )?(?:help|help me|\?|commands|usage|what can (?:you|i) (?:do|say|ask)(?: .*)?|how does this work|what do you do|who are you|what are you|how (?:do|can) i use (?:this|you)|examples|options|menu|capabilities|what are your (?:capabilities|commands)|what else can you do|show (?:me )?(?:the )?(?:help|commands))$/;

/** Words and what they mean; without what every object has, so that "constructor" is no word of it. */
function tableOf<Meaning>(words: Readonly<Record<string, Meaning>>) {
  return Object.assign(Object.create(null), words) as Readonly<Record<string, Meaning>>;
}
