import { createHash } from "node:crypto";
import { join } from "node:path";
import { claimOf, judgeNets, outcomeOf, type Rule } from "../../core/claims/mod.ts";
import type { Claim, ClaimResult, Figure, Verdict } from "../../core/contracts/bundle.ts";
import {
  type Column,
  ESTIMATE_COLUMNS,
  type EstimateRow,
  type Row,
  SERIES_COLUMNS,
  type SeriesRow,
  type Table,
  TRIAL_COLUMNS,
  type TrialRow,
} from "../../core/contracts/rows.ts";
import type { Study } from "../../core/contracts/study.ts";
import { type BundleContents, writeBundle } from "../../core/store/bundle.ts";

/** How large a synthetic bundle is. */
export interface FixtureSize {
  readonly nets: number;
  readonly variantNets: number;
  readonly widths: readonly number[];
  readonly epochs: number;
}

/** As large as a quick run of the default study. */
export const FULL_SIZE: FixtureSize = { nets: 50, variantNets: 20, widths: [10, 7, 5, 4, 3], epochs: 3000 };
/** Small enough for tests that build the site. */
export const SMALL_SIZE: FixtureSize = { nets: 6, variantNets: 3, widths: [4, 3], epochs: 100 };

const HX = 12;
const IXY = 0.8994828;
const SETTINGS = ['{"count":30,"range":[-1,1]}', '{"width":0.07}'] as const;

/** A hash of three integers as a number in (0, 1): chance that needs no state. */
function chance(a: number, b: number, c: number): number {
  let h = Math.imul(a + 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0xc2b2ae35, 0x27d4eb2f) ^ Math.imul(c + 1, 0x165667b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (((h ^ (h >>> 15)) >>> 0) + 0.5) / 2 ** 32;
}

function normal(a: number, b: number, c: number): number {
  return chance(a, b, c) + chance(a, b, c + 1000) + chance(a, b, c + 2000) + chance(a, b, c + 3000) - 2;
}

function snapshots(last: number): number[] {
  const epochs = new Set([0]);
  for (let k = 0; 10 ** (k / 40) <= last; k++) epochs.add(Math.round(10 ** (k / 40)));
  return [...epochs, last].filter((epoch, i, all) => all.indexOf(epoch) === i).sort((a, b) => a - b);
}

/** An invented path: rises with fitting, falls with compression, more so in later layers. Not a measurement of anything. */
function point(net: number, layer: number, layers: number, epoch: number, arm: number): [number, number] {
  const depth = (layer - 1) / Math.max(1, layers - 1);
  const shift = Math.exp(0.35 * normal(net, arm, 7));
  const fit = 1 / (1 + ((epoch + 1) / (60 * shift)) ** -1.6);
  const shrink = 1 / (1 + ((epoch + 1) / (700 * shift)) ** -1.9);
  const start = HX - 10.6 * depth ** 2.6 + 0.5 * depth * normal(net, layer, 11 + arm);
  const rise = 3.1 * depth * (1 - depth ** 3 * 0.55) * (1 + 0.25 * normal(net, layer, 13 + arm));
  const fall = 4.6 * depth ** 1.6 * (1 - 0.62 * depth ** 2) * (1 + 0.22 * normal(net, layer, 17 + arm)) *
    (arm ? 0.7 : 1);
  const wobble = 0.05 * depth * normal(net * 31 + layer, epoch, 19 + arm);
  const ixt = Math.min(HX, Math.max(0.02, start + rise * fit - fall * shrink + wobble));
  const known = (0.985 - 0.86 * depth ** 1.3) * (1 + 0.12 * depth * normal(net, layer, 23));
  const reached = 0.995 - 0.045 * depth + 0.012 * depth * normal(net, layer, 29);
  const ity = IXY * Math.min(1, Math.max(0.004, known + (reached - known) * fit)) -
    0.006 * depth * chance(net, epoch, layer);
  return [ixt, Math.max(0, Math.min(ity, ixt))];
}

function key(arm: number, net: number): string {
  return createHash("sha256").update(`synthetic ${arm} ${net}`).digest("hex");
}

const NET_SUMMARY: readonly Column[] = [
  { name: "trial", type: "string", unit: null, text: "Key of the trained net." },
  { name: "arm", type: "string", unit: null, text: "Arm of the study." },
  { name: "replicate", type: "int32", unit: "1", text: "Number of the replicate." },
  { name: "layer", type: "int32", unit: "1", text: "The output layer." },
  { name: "best_ity_bits", type: "float64", unit: "bits", text: "Largest I(T;Y) over snapshots.", nullable: true },
  { name: "best_epoch", type: "int32", unit: "epochs", text: "Its first epoch.", nullable: true },
  { name: "last_ity_bits", type: "float64", unit: "bits", text: "I(T;Y) at the last snapshot.", nullable: true },
  { name: "compression_bits", type: "float64", unit: "bits", text: "Fall of I(X;T) from its peak.", nullable: true },
];

const COMPRESSION: readonly Column[] = [
  { name: "arm", type: "string", unit: null, text: "Arm of the study." },
  { name: "layer", type: "int32", unit: "1", text: "Layer, 1…K." },
  { name: "median_bits", type: "float64", unit: "bits", text: "Median fall of I(X;T) from its peak to the end." },
  { name: "low_bits", type: "float64", unit: "bits", text: "Lower quartile." },
  { name: "high_bits", type: "float64", unit: "bits", text: "Upper quartile." },
];

/** Writes a synthetic bundle as `<folder>/synthetic-plane-quick` and returns what is in it. */
export function writeFixtureBundle(folder: string, size: FixtureSize = FULL_SIZE): Promise<BundleContents> {
  const epochs = snapshots(size.epochs);
  const layers = size.widths.length + 1;
  const arms = [{ name: "main", nets: size.nets }, { name: "adam", nets: size.variantNets }];
  const trials: TrialRow[] = [];
  const estimates: EstimateRow[] = [];
  const series: SeriesRow[] = [];
  const summary: Row[] = [];
  arms.forEach(({ name: arm, nets }, a) => {
    for (let net = 0; net < nets; net++) {
      const trial = key(a, net);
      const place = { trial, arm, axes: "{}", replicate: net };
      const diverged = a === 1 && net === nets - 1;
      const accuracy = (epoch: number) => 0.5 + 0.47 * point(net, layers, layers, epoch, a)[1] / IXY;
      const last = epochs[epochs.length - 1];
      trials.push({
        ...place,
        role: a === 0 ? "main" : "variant",
        outcome: diverged ? "diverged" : "done",
        reason: diverged ? "the loss was not finite after epoch 41" : null,
        epochs: diverged ? 41 : last,
        updates: (diverged ? 41 : last) * 7,
        train_loss_bits: diverged ? null : 0.11 + 0.02 * chance(net, a, 1),
        test_loss_bits: diverged ? null : 0.16 + 0.03 * chance(net, a, 2),
        train_accuracy: diverged ? null : accuracy(last),
        test_accuracy: diverged ? null : accuracy(last) - 0.01,
        test_accuracy_sampled: diverged ? null : accuracy(last) - 0.012,
        best_test_accuracy: diverged ? 0.61 : accuracy(last) - 0.008,
        best_epoch: diverged ? 40 : last,
        arithmetic: "portable",
      });
      for (const [s, setting] of SETTINGS.entries()) {
        for (const epoch of epochs) {
          for (let layer = 1; layer <= layers; layer++) {
            const gone = diverged && epoch > 41;
            const [ixt, ity] = point(net, layer, layers, epoch, a);
            estimates.push({
              ...place,
              epoch,
              layer,
              layer_name: layer === layers ? "softmax" : `dense-${layer}`,
              estimator: "binning",
              setting,
              probe: "all",
              labels: "exact",
              n: 4096,
              ixt_bits: gone ? null : s === 0 ? ixt : Math.min(HX, ixt + 0.2 * (1 - ixt / HX)),
              ixt_low_bits: null,
              ixt_high_bits: null,
              ity_bits: gone ? null : ity,
              ity_low_bits: null,
              ity_high_bits: null,
              ceiling_bits: HX,
              cells: gone ? null : Math.round(2 ** ixt),
              alone: gone ? null : Math.max(0, (ixt - 6) / 6),
              saturated: gone ? null : chance(net, layer, epoch),
              diagnostics: null,
              arithmetic: "portable",
              status: gone ? "skipped" : "measured",
              reason: gone ? "the net diverged after epoch 41" : "enumerated population: no interval",
            });
          }
        }
      }
      for (const epoch of epochs) {
        for (const [q, quantity] of ["train_accuracy", "test_accuracy"].entries()) {
          const gone = diverged && epoch > 41;
          series.push({
            ...place,
            epoch,
            layer: null,
            quantity,
            unit: "1",
            value: gone ? null : accuracy(epoch) - 0.01 * q,
            arithmetic: "portable",
            reason: gone ? "the net diverged" : null,
          });
        }
      }
      const ity = epochs.map((epoch) => point(net, layers, layers, epoch, a)[1]);
      const best = Math.max(...ity);
      summary.push({
        trial,
        arm,
        replicate: net,
        layer: layers,
        best_ity_bits: diverged ? null : best,
        best_epoch: diverged ? null : epochs[ity.indexOf(best)],
        last_ity_bits: diverged ? null : ity[ity.length - 1],
        compression_bits: diverged ? null : compression(net, layers - 1, layers, epochs, a),
      });
    }
  });
  const fall = (a: number, layer: number) =>
    Array.from({ length: arms[a].nets }, (_, net) => compression(net, layer, layers, epochs, a)).sort((p, q) => p - q);
  const compressionRows: Row[] = arms.flatMap(({ name }, a) =>
    Array.from({ length: layers }, (_, i) => {
      const c = fall(a, i + 1);
      const at = (part: number) => c[Math.floor(part * (c.length - 1))];
      return { arm: name, layer: i + 1, median_bits: at(0.5), low_bits: at(0.25), high_bits: at(0.75) };
    })
  );
  const tables: Table[] = [
    { name: "trials", title: "Trained nets", columns: TRIAL_COLUMNS, rows: trials },
    { name: "estimates", title: "Points of the information plane", columns: ESTIMATE_COLUMNS, rows: estimates },
    { name: "series", title: "Losses, accuracies and other numbers by epoch", columns: SERIES_COLUMNS, rows: series },
    {
      name: "net-summary",
      title: "Best and last decoder information of each net",
      columns: NET_SUMMARY,
      rows: summary,
    },
    { name: "compression", title: "Compression by layer", columns: COMPRESSION, rows: compressionRows },
  ];
  const theta = fall(0, layers - 1);
  return write(folder, {
    tables,
    study: study(size),
    profile: "quick",
    plugins: [{ id: "infoplane", from: "infoplane", version: "0.1.0", integrity: null, rights: {} }],
    arithmetic: { train: 1, forward: 1, binning: "portable" },
    problems: arms.map(({ name: arm }) => ({
      arm,
      dataset: "symmetric-rule",
      n: 4096,
      classes: 2,
      trainRows: 3277,
      testRows: 819,
      hxBits: HX,
      hyBits: 0.9999976,
      ixyBits: IXY,
      bayesAccuracy: 0.977454,
      layers: [...size.widths, 2].map((units, i) => ({
        name: i === size.widths.length ? "softmax" : `dense-${i + 1}`,
        units,
        activation: i === size.widths.length ? "softmax" : "tanh",
      })),
      parameters: 320,
    })),
    counts: {
      trials: trials.length,
      done: trials.filter(({ outcome }) => outcome === "done").length,
      diverged: trials.filter(({ outcome }) => outcome === "diverged").length,
      skipped: 0,
      failed: 0,
      estimates: estimates.length,
    },
    claims: claims(theta, size.nets),
    figures: figures(),
  });
}

/** Writes `<folder>/bare-smoke`: no claims, no figures, one net, which diverged. */
export function writeBareBundle(folder: string): Promise<BundleContents> {
  const trials: Row[] = [{
    trial: key(9, 0),
    arm: "main",
    role: "main",
    axes: '{"training.batch":16}',
    replicate: 0,
    outcome: "diverged",
    reason: "the loss was not finite after epoch 2",
    epochs: 2,
    updates: 410,
    train_loss_bits: null,
    test_loss_bits: null,
    train_accuracy: null,
    test_accuracy: null,
    test_accuracy_sampled: null,
    best_test_accuracy: null,
    best_epoch: null,
    arithmetic: "portable",
  }];
  const tables: Table[] = [
    { name: "trials", title: "Trained nets", columns: TRIAL_COLUMNS, rows: trials },
    { name: "estimates", title: "Points of the information plane", columns: ESTIMATE_COLUMNS, rows: [] },
    { name: "series", title: "Losses, accuracies and other numbers by epoch", columns: SERIES_COLUMNS, rows: [] },
  ];
  const { description: _, arms: __, ...rest } = study(SMALL_SIZE);
  return write(folder, {
    tables,
    study: { ...rest, id: "bare", title: "What is left when a net diverges and nothing is asked?", analyses: [] },
    profile: "smoke",
    plugins: [],
    arithmetic: {},
    problems: [],
    counts: { trials: 1, done: 0, diverged: 1, skipped: 0, failed: 0, estimates: 0 },
    claims: [],
    figures: [],
  });
}

async function write(folder: string, contents: BundleContents): Promise<BundleContents> {
  await writeBundle(join(folder, `${contents.study.id}-${contents.profile}`), contents, {
    format: "infoplane.run",
    version: 1,
    infoplane: "0.1.0",
    deno: "2.9.6",
    v8: "14.2.231.17-rusty",
    platform: "linux x86_64",
    cores: 2,
    jobs: 2,
    date: "2026-11-23T12:00:00.000Z",
    seconds: { plan: 0.1, train: 71.4, measure: 38.9, analyse: 4.2 },
    trained: contents.counts.trials,
    reused: 0,
  });
  return contents;
}

function compression(net: number, layer: number, layers: number, epochs: readonly number[], arm: number): number {
  const ixt = epochs.map((epoch) => point(net, layer, layers, epoch, arm)[0]);
  return Math.max(...ixt) - ixt[ixt.length - 1];
}

function study({ nets, variantNets, widths, epochs }: FixtureSize): Study {
  return {
    format: 1,
    id: "synthetic-plane",
    title: "Do invented paths first fit, then compress?",
    description: "Synthetic data that only look like trained nets, for looking at this page: no net was trained.",
    seed: 2018,
    base: {
      dataset: { id: "symmetric-rule", options: { form: "stochastic" } },
      architecture: { id: "dense", options: { widths: [...widths], activation: "tanh" } },
      training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs },
    },
    arms: {
      main: { title: "SGD, rate 0.1" },
      adam: {
        role: "variant",
        title: "Adam, rate 0.0004",
        replicates: variantNets,
        training: { optimiser: { id: "adam", rate: 0.0004 } },
      },
    },
    replicates: nets,
    measure: [
      { estimator: "binning", options: { count: 30, range: [-1, 1] } },
      { estimator: "binning", options: { width: 0.07 } },
    ],
    analyses: [{ id: "information-plane" }, { id: "two-phases" }],
    profiles: { smoke: {}, quick: {}, full: {} },
  };
}

function figures(): Figure[] {
  const setting = SETTINGS[0];
  return [
    {
      id: "plane",
      title: "Every net, every layer",
      caption:
        "Each line is one layer of one net on its way through training, none averaged. Later layers first gain " +
        "information about the label, then lose information about the input. Binning measures the binned activations: " +
        "with real-valued ones and another resolution the path is another.",
      alt: "Information plane: I(X;T) across, I(T;Y) up, one path a net.",
      table: "estimates",
      where: { arm: "main", estimator: "binning", setting },
      view: "information-plane",
    },
    {
      id: "compression",
      title: "Compression grows with depth",
      caption: "Median fall of I(X;T) from its peak to the end of training, with quartiles, by layer and optimiser.",
      alt: "Points with intervals by layer.",
      table: "compression",
      marks: [
        { mark: "rule-y", values: [0.25], stroke: "muted" },
        { mark: "rule-x", x: "layer", y: "low_bits", y2: "high_bits", stroke: "arm" },
        { mark: "line", x: "layer", y: "median_bits", z: "arm", stroke: "arm" },
        { mark: "dot", x: "layer", y: "median_bits", fill: "arm" },
      ],
      scales: {
        x: { label: "layer", domain: [0.5, 6.5] },
        y: { label: "fall of I(X;Tₖ) from its peak, bits, 30 bins on [−1, 1]" },
        color: { scheme: "arm" },
      },
    },
    {
      id: "accuracy",
      title: "All nets learn the rule",
      caption:
        "Expected accuracy on the test rows by epoch, one line a net. Adam starts later and ends at the same place.",
      alt: "Lines of accuracy by epoch, one panel an arm.",
      table: "series",
      where: { quantity: "test_accuracy" },
      marks: [
        { mark: "rule-y", values: [0.977], stroke: "muted" },
        { mark: "line", x: "epoch", y: "value", z: "trial", fx: "arm", stroke: "arm" },
      ],
      scales: { x: { type: "log", label: "epochs" }, y: { label: "test accuracy" }, color: { scheme: "arm" } },
    },
    {
      id: "last-layer",
      title: "The last hidden layer over time",
      caption: "I(X;T) at the last hidden layer by epoch; each dot is a net at a snapshot.",
      alt: "Dots of I(X;T) by epoch.",
      table: "estimates",
      where: { layer: 5, setting },
      marks: [{ mark: "dot", x: "epoch", y: "ixt_bits", fill: "epoch", where: { arm: "main" } }],
      scales: { x: { type: "log", label: "epochs" }, y: { label: "I(X;T₅), bits" }, color: { scheme: "epoch" } },
    },
    {
      id: "share",
      title: "Compression in bars, one optimiser at a time",
      caption: "The same medians as bars.",
      alt: "Bars by layer.",
      table: "compression",
      marks: [{ mark: "bar-y", x: "layer", y: "median_bits", fill: "layer" }],
      scales: { y: { label: "median fall of I(X;T), bits" }, color: { scheme: "layer" } },
      controls: [{ column: "arm", kind: "choice" }],
    },
    {
      id: "nothing",
      title: "Noise instead of bins",
      caption: "The plane by pair bounds.",
      alt: "Information plane by pair bounds.",
      table: "estimates",
      where: { estimator: "pair-bounds" },
      view: "information-plane",
    },
  ];
}

/** θ of each net, or null where it has none. */
type Thetas = readonly (number | null)[];

function result(setting: string, thetas: Thetas, rule: Rule, unit = "bits", leastShare = 0): ClaimResult {
  const nets = thetas.map((theta, replicate) =>
    outcomeOf(replicate, theta === null ? { leftOut: "it does not compress" } : { low: theta, high: theta })
  );
  return judgeNets(setting, unit, nets, rule, leastShare);
}

function claims(theta: readonly number[], nets: number): Claim[] {
  const main = "binning count=30 range=[-1,1], sgd";
  const on = { estimator: "binning", arithmetic: "portable" } as const;
  const timing = theta.map((c, i) => (i % 9 === 4 ? null : 0.25 + 0.09 * c + 0.4 * chance(i, 1, 3)));
  const above: Rule = { side: "above", delta: 0.25 };
  const half: Rule = { side: "above", delta: 0.5 };
  const share: Rule = { side: "at most", delta: 0.01 };
  const linear: Rule = { side: "inside", delta: 0.8, upper: 1.2 };
  const sensitivity = ["20 bins", "30 bins", "60 bins"].flatMap((label, i) =>
    [0.1, 0.25, 0.5].map((delta) => ({
      label,
      delta,
      verdict: (i === 2 && delta > 0.4 ? "undecided" : "supported") as Verdict,
    }))
  );
  const exponents = (middle: number, spread: number, stream: number) =>
    theta.map((_, i) => middle + spread * (chance(i, 5, stream) - 0.5));
  return [
    claimOf(
      {
        id: "two-phases",
        statement:
          "Training has two phases: every layer first gains information about the label, then loses information " +
          "about the input.",
        rule:
          "θ is the smaller of the gain of I(T;Y) and the fall of I(X;T), at the last hidden and the output layer. " +
          "Supported if L > .25 bit, contradicted if U < .25 bit.",
      },
      above,
      {
        primary: result(main, theta, above),
        others: [
          result("binning width=0.07, sgd", theta.map((c) => 0.9 * c), above),
          result("pair-bounds variance=0.1, sgd", theta.map((c) => 0.05 * c), above),
          result(main.replace("sgd", "adam"), theta.slice(0, 3), above),
        ],
        on,
        sensitivity,
        falseSupport: { rate: 0.0012, draws: 10_000, model: "Gaussian random walk with the observed step size" },
      },
      "quick",
    ),
    claimOf(
      {
        id: "dpi-chain",
        statement: "Information falls along the layers.",
        rule:
          "θ is the fraction of snapshots and layer pairs whose order is violated by more than .05 bit. Supported if " +
          "U ≤ .01, contradicted if L > .01.",
      },
      share,
      {
        primary: result(main, theta.map((_, i) => 0.06 + 0.01 * chance(i, 4, 4)), share, "1"),
        others: [],
        on,
        sensitivity: [],
      },
      "quick",
    ),
    claimOf(
      {
        id: "compression-takes-longest",
        statement: "Most of training is compression.",
        rule:
          "θ is the share of training between the peak of I(X;T₅) and its settling. Supported if L > .5, contradicted if " +
          "U < .5; undecided if fewer than half of the nets compress.",
      },
      half,
      {
        primary: result(main, timing, half, "1", 0.5),
        others: [],
        on,
        sensitivity: sensitivity.slice(0, 3),
        falseSupport: { rate: 0.031, draws: 1000, model: "planted noise" },
      },
      "quick",
    ),
    claimOf(
      {
        id: "weight-diffusion",
        statement: "The weights of every layer diffuse once noise dominates their gradient.",
        rule:
          "α is the exponent of D² against the updates. Supported if .8 ≤ L and U ≤ 1.2 in every layer, contradicted " +
          "if one lies apart; undecided if full batches lie inside too.",
      },
      linear,
      {
        primary: result("α of layer 1, sgd", exponents(1, 0.1, 1), linear, "1"),
        parts: [
          result("α of layer 1, sgd", exponents(1, 0.1, 1), linear, "1"),
          result("α of layer 2, sgd", exponents(1.04, 0.1, 2), linear, "1"),
          result("D² at the end, sgd", exponents(2, 0.2, 3), half, "1"),
        ],
        controls: [
          result("α of layer 1, full batch", exponents(1.02, 0.1, 4), linear, "1"),
          result("α of layer 1, random labels", exponents(1.9, 0.1, 5), linear, "1"),
        ],
        controlsDecide: true,
        others: [],
        on,
        sensitivity: [],
      },
      "quick",
    ),
    claimOf(
      {
        id: "mnist-cnn",
        statement: "The picture holds for MNIST with a ReLU CNN.",
        rule: "As for two-phases, at the last hidden layer.",
      },
      above,
      {
        primary: judgeNets(
          "binning count=30, adam",
          "bits",
          Array.from({ length: nets }, (_, replicate) => ({
            replicate,
            state: replicate < 2 ? "failed" as const : "skipped" as const,
            reason: replicate < 2 ? "the slot was killed" : "the estimator gives no I(T;Y)",
          })),
          above,
        ),
        others: [],
        on,
        sensitivity: [],
      },
      "quick",
    ),
  ];
}

if (import.meta.main) {
  const [folder = "out/fixture", size = "full"] = Deno.args;
  await writeFixtureBundle(folder, size === "small" ? SMALL_SIZE : FULL_SIZE);
  await writeBareBundle(folder);
}
