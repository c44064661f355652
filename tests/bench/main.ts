/**
 * `deno task bench`: speed as ratios within one run, because machines are noisy, and the memory of a study. Exits 1 if what must hold
 * is missed in the median of five passes.
 *
 * `--peers` adds other programs in the same passes where they are installed; `--json` prints JSON alone; `--write` renews the table
 * of `core/ENGINE.md`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { binningFigures, binningPeers } from "./binning_bench.ts";
import { convolutionFigures } from "./convolution_bench.ts";
import { engineFigures } from "./engine_bench.ts";
import { estimatorFigures } from "./estimators_bench.ts";
import { type Bound, type Figure, keeps } from "./figure.ts";
import { gradientFigures } from "./gradients_bench.ts";
import { memoryFigures } from "./memory_bench.ts";
import { enginePeers } from "./peers.ts";
import { writeTable } from "./table.ts";
import { median } from "./timing.ts";

const { values: flags } = parseArgs({
  args: Deno.args,
  options: { json: { type: "boolean" }, peers: { type: "boolean" }, write: { type: "boolean" } },
});
const PASSES = 5;
const passes: Figure[][] = [];
const skipped = new Set<string>();
for (let pass = 0; pass < PASSES; pass++) passes.push(await onePass());
// Memory does not wander as times do: once is enough.
const memory = await memoryFigures();
passes[0].push(...memory.figures);
for (const reason of memory.skipped) skipped.add(reason);

const figures = passes[0].map((figure): Figure => ({
  ...figure,
  value: median(passes.flatMap((pass) => pass.filter(({ id }) => id === figure.id).map(({ value }) => value))),
}));
const missed = figures.filter(({ value, must }) => must && !keeps(value, must));

if (flags.json) {
  const result = { format: "infoplane.bench/2", passes: PASSES, figures, missed, skipped: [...skipped] };
  console.log(JSON.stringify(result, null, 2));
} else {
  for (const { name, value, unit, must, aim } of figures) {
    const bounds = [told("must be", must), told("aim", aim)].filter(Boolean).join(", ");
    console.log(`${name.padEnd(72)} ${value.toPrecision(3).padStart(8)} ${unit.padEnd(3)}  ${bounds}`.trimEnd());
  }
  for (const reason of skipped) console.log(`skipped ${reason}`);
  console.log(missed.length === 0 ? "every bound holds" : `missed: ${missed.map(({ name }) => name).join("; ")}`);
}
if (flags.write) await writeTable(figures);
Deno.exit(missed.length === 0 ? 0 : 1);

function told(words: string, bound?: Bound): string {
  return bound ? `${words} ${bound.relation} ${bound.bound}` : "";
}

async function onePass(): Promise<Figure[]> {
  const { figures, small, wide } = await engineFigures();
  const peers = flags.peers === true;
  const parts = [
    { figures: await binningFigures(small), skipped: [] },
    { figures: await gradientFigures(), skipped: [] },
    await estimatorFigures(peers),
    await convolutionFigures(peers),
    ...(peers ? [await enginePeers(small, wide), await binningPeers()] : []),
  ];
  for (const reason of parts.flatMap((part) => part.skipped)) skipped.add(reason);
  return [...figures, ...parts.flatMap((part) => part.figures)];
}
