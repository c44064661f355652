import assert from "node:assert/strict";
import { join } from "node:path";
import { jointFacts } from "@infoplane/core/numerics";
import { broadcastTree } from "../../examples/broadcast-tree/mod.ts";
import { readBundle } from "../../core/store/bundle.ts";
import { inFolder, infoplane, ROOT } from "../cli/harness.ts";
import { loadAsSent, readDatasetOptions } from "../plugins/datasets/loading.ts";
import { assertOptionTable } from "./readme_table.ts";

const h = (p: number) => p <= 0 || p >= 1 ? 0 : -p * Math.log2(p) - (1 - p) * Math.log2(1 - p);
const choose = (n: number, k: number): number => k === 0 ? 1 : choose(n, k - 1) * (n - k + 1) / k;
const informationOf = (options: object) => jointFacts(loadAsSent(broadcastTree, options).joint!).ixyBits;

function near(actual: number, expected: number, what: string) {
  assert.ok(Math.abs(actual - expected) <= 1e-12, `${what}: ${actual} is not ${expected}`);
}

Deno.test("one child a generation is a symmetric channel, as long as the tree is deep", () => {
  for (const depth of [1, 2, 5, 12]) {
    for (const flip of [0.01, 0.1, 0.4]) {
      const error = (1 - (1 - 2 * flip) ** depth) / 2;
      near(informationOf({ branching: 1, depth, flip }), 1 - h(error), `depth ${depth}, flip ${flip}`);
    }
  }
});

Deno.test("one generation is a coin thrown for each leaf: I(X;Y) by counting the leaves that are on", () => {
  for (const branching of [1, 2, 3, 7, 12]) {
    const flip = 0.2;
    let bits = 0;
    for (let on = 0; on <= branching; on++) {
      const [one, zero] = [(1 - flip) ** on * flip ** (branching - on), flip ** on * (1 - flip) ** (branching - on)];
      bits += choose(branching, on) * (one + zero) / 2 * (1 - h(one / (one + zero)));
    }
    near(informationOf({ branching, depth: 1, flip }), bits, `${branching} leaves`);
  }
});

Deno.test("without flips the leaves are one bit in two patterns, with flips of a half they tell nothing", () => {
  const { inputs, joint, labels } = loadAsSent(broadcastTree, { branching: 2, depth: 2, flip: 0 });
  assert.deepEqual(inputs.shape, [2, 4]);
  assert.deepEqual(Array.from(inputs.data, (value) => value * inputs.scale! + inputs.offset!), [
    ...[-1, -1, -1, -1],
    ...[1, 1, 1, 1],
  ]);
  assert.deepEqual([[...joint!.px], [...joint!.pyx], [...labels]], [[0.5, 0.5], [1, 0, 0, 1], [0, 1]]);
  near(informationOf({ branching: 2, depth: 3, flip: 0.5 }), 0, "flips of a half");
});

Deno.test("p(x, y) is the sum over all ways to flip, which a slow twin counts node by node", () => {
  const [branching, depth, flip] = [2, 2, 0.15];
  const { joint } = loadAsSent(broadcastTree, { branching, depth, flip });
  const slow = new Float64Array(32);
  // Nodes 0…6 in the order of a heap: the root, its children, the four leaves.
  for (let nodes = 0; nodes < 128; nodes++) {
    const at = (node: number) => nodes >> node & 1;
    let p = 0.5;
    for (let node = 1; node < 7; node++) p *= at(node) === at((node - 1) >> 1) ? 1 - flip : flip;
    const leaves = at(3) * 8 + at(4) * 4 + at(5) * 2 + at(6);
    slow[2 * leaves + at(0)] += p;
  }
  assert.equal(joint!.px.length, 16);
  slow.forEach((p, i) => near(joint!.px[i >> 1] * joint!.pyx[i], p, `pattern ${i >> 1}, label ${i & 1}`));
});

Deno.test("what is left of the root falls from generation to generation", () => {
  const left = [1, 2, 3].map((depth) => informationOf({ branching: 2, depth, flip: 0.1 }));
  assert.ok(left[0] > left[1] && left[1] > left[2] && left[2] > 0, String(left));
});

Deno.test("a tree of too many leaves is refused, and the README's options are those of the schema", () => {
  assert.throws(() => readDatasetOptions(broadcastTree, { branching: 3, depth: 3 }), /at most 12 leaves/);
  assert.doesNotThrow(() => readDatasetOptions(broadcastTree, { branching: 12, depth: 1 }));
  assertOptionTable("broadcast-tree", broadcastTree.options);
});

Deno.test("a study of it runs in a slot, and no layer tells more of the root than the leaves do", async () => {
  await inFolder(async (dir) => {
    const study = {
      format: 1,
      id: "tree",
      title: "Do layers climb the tree?",
      seed: 1,
      base: {
        dataset: { id: "acme/broadcast-tree" },
        architecture: { id: "dense", options: { widths: [4, 2] } },
        training: { optimiser: { id: "sgd", rate: 0.5 }, batch: 32, epochs: 10 },
      },
      replicates: 2,
      measure: [{ estimator: "binning" }],
      analyses: [],
      profiles: { smoke: {}, quick: {}, full: {} },
    };
    Deno.writeTextFileSync(join(dir, "study.json"), JSON.stringify(study));
    const plugin = ["--plugin", join(ROOT, "examples/broadcast-tree/mod.ts")];
    const places = ["--store", join(dir, "store"), "--out", join(dir, "out"), "--no-site"];
    const said = await infoplane(["reproduce", join(dir, "study.json"), "--profile", "smoke", ...plugin, ...places]);
    assert.equal(said.code, 6, said.stderr);
    const { bundle, table } = await readBundle(join(dir, "out/bundles/tree-smoke"));
    const ixy = informationOf({});
    near(bundle.problems[0].ixyBits!, ixy, "I(X;Y) of the bundle");
    const { rows } = await table("estimates");
    assert.ok(rows.length > 0);
    for (const { ity_bits } of rows) assert.ok((ity_bits as number) <= ixy + 1e-12);
  });
});
