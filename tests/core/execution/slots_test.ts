import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Estimate } from "../../../core/contracts/estimator.ts";
import { Problem } from "../../../core/contracts/problem.ts";
import { bytesOf, packDataset, type PluginDescription, type Request } from "../../../core/execution/messages.ts";
import { LIMITS, openSlots, type Slots } from "../../../core/execution/slots.ts";

const ROOT = join(import.meta.dirname!, "../../..");
const HOSTILE = "./tests/fixtures/plugins/hostile.ts";
const SIGNS = "./examples/sign-patterns/mod.ts";

async function withSlots<Result>(work: (slots: Slots) => Promise<Result>, limits = LIMITS, jobs = 2): Promise<Result> {
  const slots = openSlots({ root: ROOT, sources: [HOSTILE, SIGNS], data: [], jobs, limits, log: () => {} });
  try {
    return await work(slots);
  } finally {
    slots.close();
  }
}

const PARTS = [bytesOf(Float32Array.of(-1, 1, -1, 1)), Uint8Array.of(0, 1, 0, 1)];

async function estimate(slots: Slots, source: string, id: string, options = {}): Promise<Estimate> {
  const request: Request = {
    verb: "estimate",
    estimator: { id, options },
    activations: { type: "f32", shape: [4, 1], scale: 1, offset: 0 },
    activation: "unknown",
    classes: 2,
    exactJoint: false,
    layer: 1,
  };
  return (await slots.ask(source, request, PARTS)).value as Estimate;
}

async function refusal(slots: Slots, id: string, options = {}): Promise<Problem> {
  return await estimate(slots, HOSTILE, id, options).then(
    (found) => assert.fail(`${id} gave ${JSON.stringify(found)}`),
    (error) => error as Problem,
  );
}

Deno.test("a slot describes its plugin and estimates with it", async () => {
  await withSlots(async (slots) => {
    const { value } = await slots.ask(SIGNS, { verb: "describe" });
    assert.deepEqual((value as PluginDescription).items.map(({ kind, id }) => `${kind} ${id}`), [
      "estimator acme/sign-patterns",
    ]);
    const found = await estimate(slots, SIGNS, "acme/sign-patterns");
    assert.equal(found.status, "measured");
    assert.deepEqual(found.status === "measured" && [found.ixt?.bits, found.ity?.bits], [1, 1]);
  });
});

Deno.test("a plugin cannot read, import, fetch, connect, run, see the environment or write", async () => {
  const secret = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(secret, "export const secret = 42;");
  try {
    await withSlots(async (slots) => {
      for (const deed of ["reads", "imports", "fetches", "connects", "runs", "environment", "writes"]) {
        const problem = await refusal(slots, `acme/${deed}`, { secret });
        assert.match(
          problem.message,
          /Requires (read|net|run|env|write) access|PermissionDenied|NotCapable|error sending request/,
          deed,
        );
        assert.equal(problem.exitCode, 4);
      }
    });
    assert.equal(existsSync("/tmp/infoplane_hostile"), false);
  } finally {
    await Deno.remove(secret);
  }
});

Deno.test("a slot reads the WebAssembly build of tfjs, and no other package", async () => {
  const inPackage = (name: string) => fileURLToPath(import.meta.resolve(name));
  await withSlots(async (slots) => {
    const secret = inPackage("@tensorflow/tfjs-backend-wasm");
    assert.equal((await estimate(slots, HOSTILE, "acme/reads", { secret })).status, "measured");
    for (const name of ["@tensorflow/tfjs", "zod"]) {
      assert.match((await refusal(slots, "acme/reads", { secret: inPackage(name) })).message, /Requires read access/);
    }
  });
});

Deno.test("a plugin that throws, exits, loops, floods memory or shouts on stdout fails alone; others go on", async () => {
  await withSlots(async (slots) => {
    assert.match((await refusal(slots, "acme/throws")).message, /no luck today/);
    assert.match((await refusal(slots, "acme/exits")).message, /its process ended with code 0/);
    assert.match((await refusal(slots, "acme/loops")).message, /it said nothing for 1 s/);
    assert.match(
      (await refusal(slots, "acme/allocates")).message,
      /it ran out of its 700 MiB|ended by|ended with code|allocation failed/,
    );
    assert.match((await refusal(slots, "acme/shouts")).message, /what is no message|what was not asked/);
    assert.equal((await estimate(slots, SIGNS, "acme/sign-patterns")).status, "measured");
  }, { memoryMb: 700, silenceSeconds: 1 });
});

Deno.test("a slot whose checkpoint cannot be kept is ended, with what the keeper said; others go on", async () => {
  const rows = Uint32Array.of(0, 1, 2, 3);
  const inputs = { data: Float32Array.of(-1, 1, -1, 1), shape: [4, 1] };
  const { packed, parts } = packDataset({
    ...{ inputs, labels: Uint8Array.of(0, 1, 0, 1), classes: 2, splits: { train: rows, test: rows } },
  });
  const weights = { distribution: "normal", sigma: 1 } as const;
  const request: Extract<Request, { verb: "train" }> = {
    verb: "train",
    net: {
      kind: "layers",
      inputShape: [1],
      layers: [{ kind: "dense", name: "out", units: 2, activation: "softmax", weights, bias: 0 }],
    },
    data: { from: "parts", shape: packed },
    training: { optimiser: { id: "sgd", rate: 1 }, batch: "full", epochs: 50 },
    chance: { seed: 1, replicate: 0 },
    resumes: false,
    checkpointSeconds: 0,
  };
  await withSlots(
    async (slots) => {
      const told: number[] = [];
      const keep = (epoch: number) => {
        told.push(epoch);
        return told.length < 3 ? Promise.resolve() : Promise.reject(new Problem("the disk is full"));
      };
      await assert.rejects(slots.ask(SIGNS, request, parts, { checkpoint: keep }), { message: "the disk is full" });
      assert.deepEqual(told, [1, 2, 3]);
      assert.equal((await estimate(slots, SIGNS, "acme/sign-patterns")).status, "measured");
      const { value } = await slots.ask(SIGNS, { ...request, checkpointSeconds: 1e9 }, parts, { checkpoint: keep });
      assert.deepEqual([(value as { outcome: string }).outcome, told.length], ["done", 3]);
    },
    LIMITS,
    1,
  );
});

Deno.test("NaN from a plugin becomes a failed estimate with its reason", async () => {
  await withSlots(async (slots) => {
    const found = await estimate(slots, HOSTILE, "acme/nan");
    assert.deepEqual([found.status, found.reason], [
      "failed",
      'estimator "acme/nan" gave I(X;T) = NaN [undefined, undefined]: not finite',
    ]);
  });
});

Deno.test("what is no plugin, or of another API, is refused in one line with exit code 3", async () => {
  const dir = await Deno.makeTempDir();
  const cases: [string, RegExp][] = [
    ["export const nothing = 1;", /must export a plugin by default/],
    [
      'export default { name: "acme/new", version: "1", api: 9 };',
      /plugin "acme\/new" as its plugin API must be at most 1: it is 9, of a newer Infoplane/,
    ],
    [
      'export default { name: "acme/x", version: "1", api: 1, estimators: [{ id: "x", options: {} }] };',
      /namespace, "acme\/"/,
    ],
    ["throw new Error('at load');", /at load/],
    ["export default (", /Expression expected|Unexpected/],
  ];
  try {
    for (const [index, [text, line]] of cases.entries()) {
      const file = join(dir, `plugin${index}.ts`);
      await Deno.writeTextFile(file, text);
      const source = `file://${file}`;
      const problem = await withSlots((slots) =>
        slots.ask(source, { verb: "describe" }).then(() => assert.fail("loaded"), (error) => error as Problem)
      );
      assert.match(problem.message, line);
      assert.equal(problem.exitCode, 3);
      assert.equal(problem.message.includes("\n"), false);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("no more slots work at a time than jobs, and waiting requests are all answered", async () => {
  await withSlots(
    async (slots) => {
      const all = await Promise.all(Array.from({ length: 8 }, () => estimate(slots, SIGNS, "acme/sign-patterns")));
      assert.ok(all.every(({ status }) => status === "measured"));
    },
    LIMITS,
    1,
  );
});

Deno.test("a plugin reads relative paths from data folders, then from what of the project it was allowed", async () => {
  const BUILT_IN = "./plugins/mod.ts";
  const fingerprint = async (path: string, read: readonly string[], data: readonly string[]) => {
    const sources = [{ from: BUILT_IN, allow: { read } }];
    const slots = openSlots({ root: ROOT, sources, data, jobs: 1, limits: LIMITS, log: () => {} });
    try {
      const item = { id: "recorded", options: { path } };
      return (await slots.ask(BUILT_IN, { verb: "fingerprint", kind: "dataset", item })).value as { source: string };
    } finally {
      slots.close();
    }
  };
  const recordings = join(ROOT, "tests/fixtures/recorded");
  assert.match((await fingerprint("iris-weights", [], [recordings])).source, /^PyTorch/);
  const inProject = "tests/fixtures/recorded/iris-weights";
  assert.match((await fingerprint(inProject, ["./tests/fixtures/recorded"], [])).source, /^PyTorch/);
  await assert.rejects(
    fingerprint(inProject, [], []),
    /must lie in a data folder, as --data DIR names one: it is in none/,
  );
});
