import { verdictOf } from "../../../core/claims/protocol.ts";
import type { Claim, ClaimResult, ClaimTest, ProblemFacts, Verdict } from "../../../core/contracts/bundle.ts";
import type { Arm, Choice, Measure, Optimiser, Study } from "../../../core/contracts/study.ts";
import type { Json, JsonObject } from "../../../core/contracts/tensor.ts";
import { lowered, settingWords, short } from "../../../reports/figures/mod.ts";

/** `2 nets`, `1 net`, `12,000 nets`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${whole(n)} ${n === 1 ? one : many}`;
}

/** An integer with its thousands apart. */
export function whole(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `a, b and c`. */
export function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/** Numbers with runs drawn together: `0–3, 7`. */
export function ranges(numbers: readonly number[]): string {
  const found: [number, number][] = [];
  for (const n of numbers) {
    const last = found[found.length - 1];
    if (last && n === last[1] + 1) last[1] = n;
    else found.push([n, n]);
  }
  return found.map(([from, to]) => from === to ? `${from}` : `${from}–${to}`).join(", ");
}

/** Size of a file. */
export function bytes(n: number): string {
  if (n < 1000) return count(n, "byte");
  return n < 1e6 ? `${short(n / 1e3)} kB` : `${short(n / 1e6)} MB`;
}

/** Seconds as a reader would say them. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${short(seconds, 2)} s`;
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.round(seconds % 60)];
  return h > 0 ? `${h} h ${m} min` : `${m} min ${s} s`;
}

/** A number and its unit; a pure number has none. */
export function quantity(value: number | null, unit: string): string {
  if (value === null) return "none";
  return unit === "1" ? short(value) : `${short(value)} ${Math.abs(value) === 1 && unit === "bits" ? "bit" : unit}`;
}

/** The interval that decides; null where it is open. */
export function interval({ low, high, interval }: Pick<ClaimResult, "low" | "high" | "interval">): string {
  return interval === "none" ? "none" : ends(low, high);
}

/** The 95 % interval; empty where there is none. */
export function interval95({ low95, high95 }: Pick<ClaimResult, "low95" | "high95">): string {
  return low95 === undefined || high95 === undefined ? "" : `95 % ${ends(low95, high95)}`;
}

function ends(low: number | null, high: number | null): string {
  return `[${low === null ? "−∞" : short(low)}, ${high === null ? "∞" : short(high)}]`;
}

/** 0.999 as `99.9 %`. */
export function percent(part: number): string {
  return `${short(part * 100, 4)} %`;
}

/** What became of the replicates of a result: `50 planned, 48 with a value, 2 censored, 0 failed`. */
export function replicates({ planned, failed, censored, theta }: ClaimResult): string {
  if (theta.length === 0) return `${count(planned, "net")} planned, ${whole(failed)} failed`;
  const counted = theta.filter((value) => value !== null).length;
  return `${count(planned, "net")} planned, ${whole(counted)} with a value, ${whole(censored)} censored, ${
    whole(failed)
  } failed`;
}

/** True of a claim that is judged by verdicts, not by a number of each net. */
export function restsOnVerdicts({ theta, planned, settings }: Claim): boolean {
  return theta.length === 0 && planned > 0 && settings.length > 0;
}

/** What a rule needs of the interval [L, U]: `L > 0.25 bits`. */
export function ruleWords(test: ClaimTest, unit: string): string {
  const delta = quantity(test.delta, unit);
  switch (test.side) {
    case "above":
      return `L > ${delta}`;
    case "below":
      return `U < ${delta}`;
    case "at most":
      return `U ≤ ${delta}`;
    case "inside":
      return `${short(test.delta)} ≤ L, U ≤ ${quantity(test.upper, unit)}`;
  }
}

/** `δ = 0.25 bits`, or `θ inside [0.8, 1.2]`. */
export function thresholdWords({ test, delta, unit }: Claim): string {
  if (test?.side !== "inside") return `δ = ${quantity(delta, unit)}`;
  return `θ inside ${ends(test.delta, test.upper)}${unit === "1" ? "" : ` ${unit}`}`;
}

/** The place of the part whose numbers are the claim's. */
export function decidingPart({ parts = [], setting, test, low, high }: Claim): number {
  return parts.findIndex((part) =>
    part.setting === setting && part.test?.side === test?.side && part.low === low && part.high === high
  );
}

/** What follows from the controls, which must fail the rule that the claim holds to. */
export function controlsWords({ verdict, parts, low, high, test, controls = [] }: Claim): string {
  const said = (word: Verdict) => controls.filter((control) => control.verdict === word).map(({ setting }) => setting);
  const [passed, open] = [said("supported"), said("undecided")];
  const need = "These arms must fail the same rule.";
  const holds = parts
    ? parts.every((part) => part.verdict === "supported")
    : test !== undefined && verdictOf({ low: low ?? -Infinity, high: high ?? Infinity }, test) === "supported";
  if (!holds) return `${need} As the claim does not hold without them, nothing hangs on them here.`;
  const passes = `${list(passed)} ${passed.length === 1 ? "passes" : "pass"} it`;
  if (verdict !== "supported" && passed.length > 0) return `${need} As ${passes}, there is no verdict.`;
  if (verdict !== "supported") return need;
  if (passed.length > 0) return `${need} As ${passes}, no cause may be named.`;
  if (open.length === 0) return `${need} ${controls.length === 1 ? "It does" : "All do"}.`;
  return `${need} As ${list(open)} ${open.length === 1 ? "does" : "do"} not decide, no cause may be named.`;
}

/** How far the interval stands from the threshold: what would have to happen for another verdict. */
export function margin(claim: Claim): string {
  const { low, high, delta, unit, verdict, setting, test } = claim;
  if (restsOnVerdicts(claim)) return `Another verdict under one of the settings compared (${setting}).`;
  const of = `(${setting})`;
  if (low === null && high === null) return "There is no interval yet; more nets, and none that fails, would give one.";
  const inside = test?.side === "inside";
  const goal = inside ? `the range ${ends(test.delta, test.upper)}` : "δ";
  const upper = inside ? test.upper : delta;
  const side = inside && low !== null && high !== null && low >= delta && high <= upper
    ? `lies ${quantity(Math.min(low - delta, upper - high), unit)} within`
    : low !== null && low > upper
    ? `begins ${quantity(low - upper, unit)} above`
    : high !== null && high < delta
    ? `ends ${quantity(delta - high, unit)} below`
    : undefined;
  if (side === undefined) {
    return inside
      ? `The interval lies neither in ${goal} nor apart from it ${of}; more nets would narrow it until it does.`
      : `The interval holds δ ${of}; more nets would narrow it until it does not.`;
  }
  if (verdict === "undecided") {
    return `The interval ${side} ${goal} ${of}, but does not decide: the reason is given with the verdict.`;
  }
  const until = !inside ? "reaches δ" : verdict === "supported" ? "leaves it" : "reaches it";
  return `The interval ${side} ${goal} ${of}; the claim is ${verdict} until it ${until}.`;
}

/** A choice of a plugin's item: `symmetric-rule (form stochastic)`. */
function choiceWords({ id, options }: Choice): string {
  const told = optionWords(options);
  return told ? `${id} (${told})` : id;
}

/** Options in a sentence. */
export function optionWords(options: { readonly [name: string]: unknown } | undefined): string {
  return Object.entries(options ?? {}).map(([name, value]) => `${name} ${jsonWords(value as Json)}`).join(", ");
}

/** A value of JSON in a sentence. */
export function jsonWords(value: Json): string {
  if (typeof value === "number") return short(value, 6);
  if (typeof value === "string") return value;
  if (Array.isArray(value)) {
    return value.every((one) => typeof one === "number") && value.length > 2
      ? value.map(jsonWords).join("-")
      : `[${value.map(jsonWords).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) return optionWords(value as JsonObject);
  return String(value);
}

function optimiserWords(optimiser: Partial<Optimiser>): string {
  const { id, ...rates } = optimiser;
  const name = { sgd: "SGD", adam: "Adam", langevin: "Langevin dynamics", recorded: "another program" }[id ?? "sgd"];
  return [id === undefined ? "" : name, optionWords(rates as JsonObject)].filter(Boolean).join(
    ", ",
  );
}

/** What is measured, at which snapshots, by which estimators and settings, each estimator named once. */
function measuresWords(measures: readonly Measure[]): string[] {
  const plain = measures.filter(({ transform, projection }) => transform === undefined && projection === undefined);
  const mapped = measures.filter(({ transform }) => transform !== undefined);
  const grids = [...new Set(plain.map(({ perDecade = 40 }) => perDecade))];
  const parts = grids.map((grid) => {
    const when = grid === 40 ? "at every snapshot" : `at snapshots ${grid} a decade of epochs`;
    return `${when} by ${estimatorsWords(plain.filter(({ perDecade = 40 }) => perDecade === grid))}`;
  });
  const maps = [...new Set(mapped.map(({ transform }) => transform!))];
  return [
    ...(parts.length > 0 ? [`Every layer is measured ${parts.join("; ")}.`] : []),
    ...(maps.length > 0
      ? [
        `Through maps that change no information (${list(maps)}), layers are measured again by ${
          estimatorsWords(mapped)
        }.`,
      ]
      : []),
    ...projectionsWords(measures),
  ];
}

/** What wide layers are seen through, and on which side that puts the numbers. */
function projectionsWords(measures: readonly Measure[]): string[] {
  const seen = measures.filter(({ projection }) => projection !== undefined);
  if (seen.length === 0) return [];
  const ways = seen.map(({ projection: way }) =>
    way!.onto === "components"
      ? `${way!.dimensions} leading principal components`
      : way!.grid === 1
      ? "the sum of each channel over its places"
      : `sums of each channel over ${way!.grid} × ${way!.grid} squares`
  );
  return [
    `Layers with more numbers are also seen through orthonormal projections (${list([...new Set(ways)])}), by ${
      estimatorsWords(seen)
    }: with noise of equal σ a projection tells no more than its layer.`,
  ];
}

function estimatorsWords(measures: readonly Measure[]): string {
  const byEstimator = new Map<string, Map<string, string[]>>();
  for (const { estimator, options, on, probes } of measures) {
    const words = settingWords(estimator, JSON.stringify(options ?? {}));
    const setting = words.startsWith(estimator) ? words.slice(estimator.length).replace(/^, /, "") : words;
    const settings = byEstimator.get(estimator) ?? new Map<string, string[]>();
    const rows = on === undefined || on === "all" ? "" : probes === undefined ? on : `up to ${probes} ${on}`;
    settings.set(setting, [...settings.get(setting) ?? [], rows]);
    byEstimator.set(estimator, settings);
  }
  return list([...byEstimator].map(([estimator, settings]) => {
    const told = [...rowsTogether(settings)].map(([rows, settings]) =>
      [settings.filter((setting) => setting !== "").join("; "), rows === "" ? "" : `of ${rows} rows`]
        .filter((part) => part !== "").join(", ")
    ).filter((part) => part !== "");
    return told.length === 0 ? estimator : `${estimator} (${told.join("; ")})`;
  }));
}

/** Settings by the rows they measure, each named once. */
function rowsTogether(settings: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const byRows = new Map<string, string[]>();
  for (const [setting, probes] of settings) {
    const rows = list([...new Set(probes.filter((probe) => probe !== ""))]);
    byRows.set(rows, [...byRows.get(rows) ?? [], setting]);
  }
  return byRows;
}

const ROLES = ["main", "control", "variant"] as const;

/** The arms of a study, with the role and in the order of roles that the core gives them; the one named `main` leads. */
export function armsInOrder({ arms = {} }: Pick<Study, "arms">): [string, Arm & { role: typeof ROLES[number] }][] {
  return Object.entries(arms).map(([name, arm], _, all): [string, Arm & { role: typeof ROLES[number] }] => {
    const role = name === "main" || all.length === 1 ? "main" : "variant";
    return [name, { ...arm, role: arm.role ?? role }];
  }).sort(([one, a], [other, b]) =>
    ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || Number(other === "main") - Number(one === "main")
  );
}

/** What an arm is for, and how it differs from the base. */
export function armWords({ role = "variant", title, replicates, dataset, architecture, training }: Arm): string {
  const { optimiser, ...rest } = training ?? {};
  const changes = [
    dataset && `the dataset to ${[dataset.id, optionWords(dataset.options)].filter(Boolean).join(" ")}`,
    architecture &&
    `the architecture to ${[architecture.id, optionWords(architecture.options)].filter(Boolean).join(" ")}`,
    optimiser && `the optimiser to ${optimiserWords(optimiser)}`,
    ...Object.entries(rest).map(([name, value]) => `the training’s ${name} to ${jsonWords(value)}`),
  ].filter((change) => change !== undefined);
  const what = { main: "carries the claims", control: "a control", variant: "a variant" }[role];
  const size = replicates === undefined ? "" : `, ${count(replicates, "net")}`;
  return `${what}${size}${title ? `: ${title}` : ""}.${changes.length > 0 ? ` It changes ${list(changes)}.` : ""}`;
}

/** True if every layer of a study was drawn from a law whose information is known. */
export function knowsTruth(problems: readonly ProblemFacts[]): boolean {
  const layers = problems.flatMap(({ layers }) => layers);
  return layers.length > 0 && layers.every(({ ixtBits, ityBits }) => ixtBits !== undefined || ityBits !== undefined);
}

/** What a trial of a study is called. */
export function trialWord(problems: readonly ProblemFacts[]): "net" | "draw" {
  return knowsTruth(problems) ? "draw" : "net";
}

/** What was done, in sentences made from the study and the facts of its datasets and nets. */
export function methods(study: Study, problems: readonly ProblemFacts[]): string[] {
  const { base, axes, measure, seed } = study;
  const { optimiser, batch, epochs, partialBatch } = base.training;
  // Of an arm that leaves the base as it is there: others have other rows or other layers.
  const factsOf = (part: "dataset" | "architecture") =>
    problems.find(({ arm }) => study.arms?.[arm]?.[part] === undefined);
  const [facts, ofNet] = [factsOf("dataset"), factsOf("architecture")];
  if (knowsTruth(problems)) {
    const points = axes?.length
      ? ` for ${list(axes.map(({ path, values }) => `${path.split(".").at(-1)} = ${values.join(", ")}`))}`
      : "";
    return [
      "Each arm is a law whose mutual information is known; nothing is trained.",
      `From each, rows are drawn ${
        count(study.replicates, "time")
      }${points}, each time from a stream of its own of seed ${seed}.`,
      `Each draw is measured by ${estimatorsWords(measure)}.`,
    ];
  }
  const data = `The data are ${choiceWords(base.dataset)}` +
    (facts
      ? `: ${count(facts.n, "row")} with ${count(facts.classes, "label")}, ${whole(facts.trainRows)} to train on and ${
        whole(facts.testRows)
      } to test on${exactWords(facts)}.`
      : ".");
  const net = `Each net is ${choiceWords(base.architecture)}` +
    (ofNet
      ? `: ${list(ofNet.layers.map(({ units, activation }, i) => `T${lowered(i + 1)} of ${units} ${activation}`))}, ${
        ofNet.parameters === 0 ? "its activations were recorded" : `${whole(ofNet.parameters)} weights and biases`
      }.`
      : ".");
  const recorded = optimiser.id === "recorded";
  const batches = `in batches of ${batch === "full" ? "all training rows" : whole(batch)}${
    partialBatch === "drop" ? " without the last partial one" : ""
  }`;
  const origin = ofNet?.origins?.find(({ item }) => item === "architecture")?.source;
  const training = recorded
    ? `It was trained by another program, ${batches}, and recorded up to epoch ${whole(epochs)}${
      origin === undefined ? "" : ` (${origin})`
    }.`
    : `It is trained by ${optimiserWords(optimiser)}, ${batches}, for ${count(epochs, "epoch")}.`;
  const crossed = axes?.length
    ? ` Every arm is crossed with ${list(axes.map(({ path, values }) => `${path} = ${values.join(", ")}`))}.`
    : "";
  const size = `There are ${count(study.replicates, "net")} to an arm${
    axes?.length ? " at each point of the axes" : ""
  } where it does not say otherwise, each ${
    recorded ? "a run that was recorded" : `with its own initial weights, split and labels, all drawn from seed ${seed}`
  }.${crossed}`;
  return [data, net, training, size, ...measuresWords(measure)].filter(Boolean);
}

function exactWords({ hxBits, hyBits, ixyBits, bayesAccuracy }: ProblemFacts): string {
  const facts = [
    hxBits === null ? "" : `H(X) = ${short(hxBits)} bits`,
    hyBits === null ? "" : `H(Y) = ${short(hyBits)} bits`,
    ixyBits === null ? "" : `I(X;Y) = ${short(ixyBits)} bits`,
  ].filter(Boolean);
  const best = bayesAccuracy === null ? "" : `, and no guess is right more often than ${percent(bayesAccuracy)}`;
  const known = hxBits === null ? "by the law they are drawn from" : "exactly, from p(x, y)";
  return facts.length > 0 ? `; ${known}, ${list(facts)}${best}` : "";
}
