/**
 * Checks of what every architecture promises: nets that an engine can train, named layers that give what they declare, weights that
 * are the replicate's. Of a recorded architecture, what applies without its data.
 *
 * @module
 */
import type { Architecture } from "../contracts/architecture.ts";
import type { OptionsIssue } from "../contracts/options.ts";
import type { RecordedArchitecture } from "../contracts/recorded.ts";
import type { JsonObject } from "../contracts/tensor.ts";
import { loadKernels } from "../kernels/mod.ts";
import { rangeOf } from "../measuring/samples.ts";
import { createForward } from "../training/forward.ts";
import { measuredLayers } from "../training/net.ts";
import { type Built, builtNets, ROWS, someRows, startOf, type TrainedNet } from "./built_nets.ts";
import { type Check, failed, inapplicable, type Outcome, outcomeOf, PASSED, skipped, type Subject } from "./check.ts";
import { DIFFERENCES, wrongSlope } from "./differences.ts";
import { elsewhen } from "./elsewhen.ts";
import { firstDifference } from "./first_difference.ts";
import { FINGERPRINT_CHECK, OPTIONS_CHECK } from "./option_checks.ts";

type AnyArchitecture = Architecture | RecordedArchitecture;
type ArchitectureCheck = Check<AnyArchitecture>;

const trains = (item: AnyArchitecture) => "build" in item ? undefined : "its nets were recorded, not built";
const replays = (item: AnyArchitecture) => "build" in item ? "its nets are built, not recorded" : undefined;

/** In words, what was built for what. */
function forInputs({ problem: { inputShape, classes } }: Built): string {
  return `for inputs of [${inputShape.join(", ")}] and ${classes} classes`;
}

/** Judges each of the nets, until one is wrong; skipped if there are none. */
async function judgeEach<Net extends Built>(
  subject: Subject<AnyArchitecture>,
  wrong: (built: Net, i: number) => string | undefined | Promise<string | undefined>,
): Promise<Outcome> {
  let nets: Built[];
  try {
    nets = await builtNets(subject);
  } catch {
    return skipped("it gives no net to look at");
  }
  for (const [i, built] of nets.entries()) {
    const why = await wrong(built as Net, i);
    if (why !== undefined) return failed(`${forInputs(built)}, ${why}`);
    await subject.ctx.progress(0);
  }
  return PASSED;
}

/** A net that an architecture built, not one that was recorded. */
type Trained = Built & { readonly net: TrainedNet };

const usable: ArchitectureCheck = {
  name: "gives nets that can be used",
  how:
    "For vectors of 12 and 5 numbers and an image of 8 × 6, those of them that it takes, or one of 28 × 28 × 1 or 32 × 32 × 3 if none: as " +
    "many inputs as there are, layers that fit each other, and an output that gives a probability for each class; of a recorded net, layers.",
  async run(subject) {
    try {
      await builtNets(subject);
      return PASSED;
    } catch (error) {
      return failed((error as Error).message);
    }
  },
};

const again: ArchitectureCheck = {
  name: "builds the same net again, at any time",
  how: "Asked twice, the second time on another day, it gives the same description.",
  run(subject) {
    let later: Built[] | undefined;
    return judgeEach(subject, async ({ net }, i) => {
      later ??= await elsewhen(() => builtNets(subject));
      const where = firstDifference(net, later[i]?.net);
      return where && `the net is another the second time: ${where}`;
    });
  },
};

const names: ArchitectureCheck = {
  name: "gives each layer a name of its own",
  how: "Layers whose activations are handed out have names, no two the same: rows and pages are told apart by them.",
  run: (subject) =>
    judgeEach(subject, ({ net }) => {
      const given = measuredLayers(net).map(({ name }) => name);
      const twice = given.find((name, i) => given.indexOf(name) !== i);
      if (twice !== undefined) return `two layers are called "${twice}"`;
      const blank = given.findIndex((name) => typeof name !== "string" || name.trim() === "");
      return blank < 0 ? undefined : `layer ${blank + 1} has no name`;
    }),
};

const taps: ArchitectureCheck = {
  name: "hands out activations of every layer it names",
  how:
    `${ROWS} rows of normal numbers, at initial weights: each layer gives as many finite values as it declares, within the range of its ` +
    "activation function; those of a softmax sum to 1 within 1e-5.",
  inapplicable: trains,
  run: (subject) =>
    judgeEach<Trained>(subject, async ({ problem, net }) => {
      using forward = await createForward(net, someRows(problem).inputs, await loadKernels());
      const layers = forward.at(startOf(net));
      for (const [k, { name, units, activation }] of measuredLayers(net).entries()) {
        const values = layers[k];
        if (values?.length !== ROWS * units) {
          return `layer "${name}" must give ${units} values a row: it gives ${(values?.length ?? 0) / ROWS}`;
        }
        const [low, high] = activation === "unknown"
          ? [-Infinity, Infinity]
          : rangeOf(activation) ?? [-Infinity, Infinity];
        const odd = values.find((value: number) => !(Number.isFinite(value) && value >= low && value <= high));
        if (odd !== undefined) return `layer "${name}" of ${activation} gives ${odd}`;
        if (activation !== "softmax") continue;
        const sum = Array.from(values.subarray(0, units)).reduce((a, b) => a + b, 0);
        if (!(Math.abs(sum - 1) <= 1e-5)) return `probabilities of layer "${name}" must sum to 1: they sum to ${sum}`;
      }
      return undefined;
    }),
};

const weights: ArchitectureCheck = {
  name: "starts a replicate from the same weights again, each from its own",
  how: "Nets built twice draw the same initial weights from one stream, and others from that of another replicate.",
  inapplicable: trains,
  run(subject) {
    let twins: Built[] | undefined;
    return judgeEach<Trained>(subject, async ({ net }, i) => {
      twins ??= await builtNets(subject);
      const twin = twins[i].net as TrainedNet;
      const [one, again, second] = [startOf(net), await startOf(twin), await startOf(net, 1)].map((w) => [...w]);
      const where = firstDifference(one, again);
      if (where !== undefined) return `of weights ${where}`;
      const odd = one.findIndex((value) => !Number.isFinite(value));
      if (odd >= 0) return `weight ${odd} is ${one[odd]}`;
      return firstDifference(one, second) === undefined ? "two replicates start from the same weights" : undefined;
    });
  },
};

const gradient: ArchitectureCheck = {
  name: "has the gradient that differences of its loss have",
  how:
    `Central differences of the cross-entropy of ${ROWS} rows, tensor by tensor along one direction, beside the engine's gradient: dense ` +
    `nets in float64 within ${DIFFERENCES.layers.relative} of the difference, nets of tfjs in float32 within ${DIFFERENCES.tfjs.relative}.`,
  inapplicable: trains,
  async run(subject) {
    let straight = false;
    const outcome = await judgeEach<Trained>(subject, (built) => {
      const { net } = built;
      straight ||= (net.kind === "layers" || net.kind === "deep") &&
        net.layers.some((layer) => "quantisedBits" in layer && layer.quantisedBits !== undefined);
      return straight ? undefined : wrongSlope(built);
    });
    return straight ? inapplicable("errors pass straight through its quantised layers") : outcome;
  },
};

const bounds: ArchitectureCheck = {
  name: "builds at the ends of its options",
  how:
    "Each number among its options, put to a bound that its schema includes, gives a net that an engine can train; beyond the bound it is " +
    "refused. A bound that the schema refuses by the path of another option is left out.",
  inapplicable: trains,
  async run(subject) {
    const { "~standard": schema } = subject.item.options;
    const shape = schema.jsonSchema?.input({ target: "draft-2020-12" });
    if (shape === undefined) return skipped("its schema gives no JSON Schema to read bounds from");
    const ends = endsOf(shape.properties as Record<string, Bounds> | undefined);
    if (ends.length === 0) return inapplicable("none of its options is a number with a bound that it includes");
    const first = await builtNets(subject).then(([{ problem }]) => [problem], () => undefined);
    if (first === undefined) return skipped("it gives no net to look at");
    const read = async (key: string, value: number) =>
      await schema.validate({ ...subject.options as JsonObject, [key]: value });
    for (const { key, end, beyond } of ends) {
      if ((await read(key, beyond)).issues === undefined) {
        return failed(`${key} ends at ${end}: ${beyond} must be refused`);
      }
      const result = await read(key, end);
      if (result.issues !== undefined) {
        if (result.issues.every((issue) => isOfAnother(issue, key))) continue;
        return failed(`${key} may be ${end}: it is refused`);
      }
      try {
        await builtNets({ ...subject, options: result.value }, first);
      } catch (error) {
        return failed(`with ${key} = ${end}, ${(error as Error).message}`);
      }
    }
    return PASSED;
  },
};

/** True of what another option than this one must change. */
function isOfAnother({ path = [] }: OptionsIssue, key: string): boolean {
  if (path.length === 0) return false;
  const [first] = path;
  return String(typeof first === "object" ? first.key : first) !== key;
}

interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
}

/** The bounds of options that are numbers, and a number beyond each. */
function endsOf(properties: Readonly<Record<string, Bounds>> = {}) {
  return Object.entries(properties).flatMap(([key, { minimum, maximum }]) =>
    [{ key, end: minimum, step: -1 }, { key, end: maximum, step: 1 }].flatMap(({ key, end, step }) =>
      end === undefined || Math.abs(end) >= Number.MAX_SAFE_INTEGER ? [] : [{ key, end, beyond: end + step }]
    )
  );
}

const runs: ArchitectureCheck = {
  name: "names the runs and epochs it replays",
  how: "There is a run, and the epochs of each are integers from 0 on, ascending; asked twice, they are the same.",
  inapplicable: replays,
  async run({ item, options, ctx }) {
    const { replay } = item as RecordedArchitecture;
    const [one, other] = [await replay(options, ctx), await replay(options, ctx)].map((recording) => recording.runs);
    if (one.length === 0) return failed("there must be a run: there is none");
    const odd = one.findIndex((epochs) =>
      epochs.length === 0 || !epochs.every((epoch, i) => Number.isInteger(epoch) && epoch > (epochs[i - 1] ?? -1))
    );
    if (odd >= 0) return failed(`epochs must be integers that ascend: those of run ${odd} are ${one[odd].join(", ")}`);
    const where = firstDifference(one, other);
    return outcomeOf(where && `of the runs ${where}`);
  },
};

/** Every check of an architecture, in the order they are run. */
export const ARCHITECTURE_CHECKS: readonly ArchitectureCheck[] = [
  OPTIONS_CHECK as ArchitectureCheck,
  usable,
  again,
  names,
  taps,
  weights,
  gradient,
  bounds,
  runs,
  FINGERPRINT_CHECK as ArchitectureCheck,
];
