/**
 * `deno task bench`: speed as ratios within one run, because machines are noisy. Exits 1 if a ratio that must hold is missed in
 * the median of five passes. `--json` prints JSON alone.
 *
 * @module
 */
import { binningMilliseconds } from "./binning_bench.ts";
import { ksgMilliseconds } from "./ksg_bench.ts";
import { eigenvaluesMilliseconds } from "./renyi_bench.ts";
import { BATCH, smallEngine } from "./small_net.ts";
import { tfjsStep } from "./tfjs_step.ts";
import { median, timed } from "./timing.ts";

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What must hold, if anything must. */
  readonly must?: { readonly relation: "<=" | ">="; readonly bound: number };
}

const PASSES = 5;
const json = Deno.args.includes("--json");
const passes: Figure[][] = [];
for (let pass = 0; pass < PASSES; pass++) passes.push(await onePass());

const figures = passes[0].map((figure, i): Figure => ({
  ...figure,
  value: median(passes.map((pass) => pass[i].value)),
}));
const missed = figures.filter(({ value, must }) =>
  must && !(must.relation === "<=" ? value <= must.bound : value >= must.bound)
);

if (json) console.log(JSON.stringify({ format: "infoplane.bench/1", passes: PASSES, figures, missed }, null, 2));
else {
  for (const { name, value, unit, must } of figures) {
    const bound = must ? `  must be ${must.relation} ${must.bound}` : "";
    console.log(`${name.padEnd(64)} ${value.toPrecision(3).padStart(8)} ${unit.padEnd(3)}${bound}`);
  }
  console.log(missed.length === 0 ? "every bound holds" : `missed: ${missed.map(({ name }) => name).join("; ")}`);
}
Deno.exit(missed.length === 0 ? 0 : 1);

async function onePass(): Promise<Figure[]> {
  const engine = await smallEngine();
  const rows = Uint32Array.from({ length: BATCH }, (_, i) => i);
  const step = timed(() => engine.step(rows));
  let activations = engine.forwardData();
  const forward = timed(() => void (activations = engine.forwardData(activations)), { calls: 20, warmUp: 50 });
  const binning = await binningMilliseconds();
  const tfjsWasm = await tfjsStep("wasm");
  const ms = (name: string, value: number): Figure => ({ name, value, unit: "ms" });
  return [
    ms("R: one step of 12-10-7-5-4-3-2, batch 512, loss and update", step),
    ms("the same in tfjs wasm", tfjsWasm),
    { name: "tfjs wasm / R", value: tfjsWasm / step, unit: "", must: { relation: ">=", bound: 15 } },
    ms("forward pass of 4096 patterns, all layers copied out", forward),
    { name: "forward / R", value: forward / step, unit: "R", must: { relation: "<=", bound: 6 } },
    ms("binning of all six layers, 4096 patterns, 30 bins", binning.count),
    { name: "binning, 30 bins / R", value: binning.count / step, unit: "R", must: { relation: "<=", bound: 6 } },
    ms("the same with bins of width 0.07", binning.width),
    { name: "binning, width 0.07 / R", value: binning.width / step, unit: "R", must: { relation: "<=", bound: 6 } },
    ms("KSG 1 of 4096 pairs of two columns each", await ksgMilliseconds()),
    ms("eigenvalues of a kernel matrix of 2000 rows", await eigenvaluesMilliseconds()),
  ];
}
