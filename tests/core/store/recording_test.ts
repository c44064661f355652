import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { openRecording } from "../../../core/store/recording.ts";
import { writeSafetensors } from "../../../core/store/safetensors.ts";
import { fixture } from "./python.ts";
import { IRISES, npy, SMALL, smallWeights, writeRecording } from "./recordings.ts";
import { temporary } from "./temporary.ts";

const WEIGHTS = smallWeights(5)[0][1].data;

Deno.test("openRecording() reads what PyTorch recorded, and names it by the SHA-256 of its manifest", async () => {
  const recording = await openRecording("iris-weights", { data: ["/nowhere", IRISES] });
  const bytes = await readFile(join(IRISES, "iris-weights", "infoplane-run.json"));
  assert.equal(recording.sha256, createHash("sha256").update(bytes).digest("hex"));
  assert.match(recording.manifest.source, /^PyTorch 1\.13\.1/);
  assert.deepEqual((await recording.array("data/inputs.npy")).shape, [150, 4]);
  const weights = await recording.tensor(1, 200, "hidden1.weight", [5, 4]);
  assert.ok(weights instanceof Float32Array && weights.length === 20);
  const again = await openRecording(join(IRISES, "iris-weights"), { data: [] });
  assert.equal(again.sha256, recording.sha256, "an absolute path needs no data folder");
});

Deno.test("openRecording() reads one file an epoch, one a tensor, or one with an axis over epochs, in three formats", async () => {
  await using scratch = await temporary();
  const both = [...smallWeights(0)[0][1].data, ...WEIGHTS];
  const npz = new Uint8Array(await readFile(fixture("stored.npz")));
  const ways: [string, Record<string, Uint8Array>][] = [
    ["e{epoch}.safetensors", { "e5.safetensors": writeSafetensors(smallWeights(5)) }],
    ["{tensor}/{epoch}.npy", { "a.weight/5.npy": npy([...WEIGHTS], [3, 2]) }],
    ["{tensor}.npy", { "a.weight.npy": npy(both, [2, 3, 2]) }],
    ["run.safetensors", {
      "run.safetensors": writeSafetensors([["a.weight", { data: Float32Array.from(both), shape: [2, 3, 2] }]]),
    }],
  ];
  for (const [files, contents] of ways) {
    await writeRecording(scratch.dir, { ...SMALL, runs: [{ epochs: [0, 5], files }] }, contents);
    const recording = await openRecording(scratch.dir, { data: [] });
    assert.deepEqual(await recording.tensor(0, 5, "a.weight", [3, 2]), WEIGHTS, files);
  }
  await writeRecording(scratch.dir, { ...SMALL, runs: [{ epochs: [7], files: "{epoch}.npz" }] }, { "7.npz": npz });
  const recording = await openRecording(scratch.dir, { data: [] });
  const { length } = await recording.tensor(0, 7, "weights", [2, 3, 4]);
  assert.equal(length, 24);
});

Deno.test("a recording of doubles is read as doubles where its manifest says so, and never rounded in silence", async () => {
  await using scratch = await temporary();
  const file = writeSafetensors([["a.weight", { data: Float64Array.of(1 / 3), shape: [1] }]]);
  const runs = [{ epochs: [0], files: "e{epoch}.safetensors" }];
  await writeRecording(scratch.dir, { ...SMALL, runs }, { "e0.safetensors": file });
  const single = await openRecording(scratch.dir, { data: [] });
  await assert.rejects(single.tensor(0, 0, "a.weight", [1]), /say "precision": "float64": its type is wider/);
  await writeRecording(scratch.dir, { ...SMALL, runs, precision: "float64" }, { "e0.safetensors": file });
  const double = await openRecording(scratch.dir, { data: [] });
  assert.deepEqual(await double.tensor(0, 0, "a.weight", [1]), Float64Array.of(1 / 3));
});

Deno.test("a file that is missing, damaged, unnamed, or holds something else is refused by name", async () => {
  await using scratch = await temporary();
  const { dir } = scratch;
  const attempt = async (line: RegExp, tensor = "a.weight", shape = [3, 2]) => {
    const recording = await openRecording(dir, { data: [] });
    await assert.rejects(recording.tensor(0, 5, tensor, shape), (error: Error & { exitCode: number }) => {
      assert.equal(error.exitCode, 2);
      assert.match(error.message, line);
      return !error.message.includes("\n");
    });
  };
  await writeRecording(dir, SMALL);
  await attempt(/Cannot read "c" in .*e5\.safetensors as the file must hold it: it holds a.bias, a.weight/, "c");
  await attempt(/as its shape must be \[4, 2\]: it is \[3, 2\]/, "a.weight", [4, 2]);
  await attempt(/as its shape must be \[6\]: it is \[3, 2\]/, "a.weight", [6]);
  const path = join(dir, "e5.safetensors");
  const bytes = await readFile(path);
  bytes[bytes.length - 1] ^= 1;
  await writeFile(path, bytes);
  await attempt(/e5\.safetensors as its SHA-256 must be [0-9a-f]{64}: it is [0-9a-f]{64}, so it is another file/);
  await rm(path);
  await attempt(/Cannot read .*e5\.safetensors, which infoplane-run\.json names: there is none/);
  await writeRecording(dir, { ...SMALL, sha256: {} });
  await attempt(/e5\.safetensors as infoplane-run\.json must name its SHA-256: it does not/);
});

Deno.test("a manifest that does not follow the schema is refused with what is wrong in it", async () => {
  await using scratch = await temporary();
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ format: "infoplane.run-recording/2" }, /as its version must be at most 1: it is 2, of a newer Infoplane/],
    [{ sources: "x" }, /Cannot find option "sources".*did you mean "source"/],
    [{ layout: undefined }, /option "layout".*must be told of weights, and of them alone/],
    [{ records: "activations" }, /option "layout".*must be told of weights, and of them alone/],
    [{ runs: [] }, /option "runs"/],
    [{ runs: [{ epochs: [3, 3], files: "a.npz" }] }, /option "runs\.0\.epochs".*must ascend/],
    [{ runs: [{ epochs: [3], files: "../a.npz" }] }, /option "runs\.0\.files".*below the manifest's folder/],
    [{ runs: [{ epochs: [3], files: "/etc/a.npz" }] }, /option "runs\.0\.files".*below the manifest's folder/],
    [
      { runs: [{ epochs: [3], files: "a.npy" }] },
      /must be \.npz, \.safetensors, or \.npy with \{tensor\}: they are "a\.npy"/,
    ],
    [{ runs: [{ epochs: [3], files: "a.pt" }] }, /they are "a\.pt"/],
    [
      { runs: [{ epochs: [3], files: "a.npz", trainLossNats: [1, 2] }] },
      /trainLossNats of run 0 must have a number for each of 1 epochs: it has 2/,
    ],
  ];
  for (const [changes, line] of cases) {
    await writeRecording(scratch.dir, { ...SMALL, ...changes });
    await assert.rejects(openRecording(scratch.dir, { data: [] }), (error: Error & { exitCode: number }) => {
      assert.match(error.message, line);
      assert.deepEqual([error.exitCode, error.message.includes("\n")], [2, false]);
      return true;
    });
  }
  await writeFile(join(scratch.dir, "infoplane-run.json"), "{");
  await assert.rejects(openRecording(scratch.dir, { data: [] }), /it must be JSON: it is not/);
});

Deno.test("openRecording() says where it looked, and which option names a data folder", async () => {
  await assert.rejects(openRecording("mine", { data: ["/nowhere"] }), {
    message: "Cannot read mine/infoplane-run.json as it must lie in a data folder, as --data DIR names one: " +
      "it is not in /nowhere",
  });
  await assert.rejects(
    openRecording("/nowhere/mine", { data: [] }),
    /as --data \/nowhere names one: it is not in \/nowhere/,
  );
});
