import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Row } from "../../core/contracts/rows.ts";
import { loadKernels } from "../../core/kernels/mod.ts";
import { readBundle } from "../../core/store/bundle.ts";
import { readSafetensors, type Safetensor, writeSafetensors } from "../../core/store/safetensors.ts";
import { openStore } from "../../core/store/store.ts";
import { testContext } from "../../core/testing.ts";
import { createForward } from "../../core/training/forward.ts";
import { recorded } from "../../plugins/architectures/recorded.ts";
import { recordedData } from "../../plugins/datasets/recorded.ts";
import { IRISES, writeRecording } from "../core/store/recordings.ts";
import { inFolder, infoplane, ROOT, type Said, treeDigest } from "./harness.ts";

const NO_PROFILES = { smoke: {}, quick: {}, full: {} };
const IRIS_STUDY = {
  format: 1,
  id: "irises",
  title: "What do two nets of PyTorch learn of irises?",
  seed: 1,
  base: {
    dataset: { id: "recorded", options: { path: "iris-weights" } },
    architecture: { id: "recorded", options: { path: "iris-weights" } },
    training: { optimiser: { id: "recorded" }, batch: 30, epochs: 200 },
  },
  arms: {
    main: {},
    activations: { role: "variant", architecture: { options: { path: "iris-activations" } } },
  },
  replicates: 2,
  measure: [{ estimator: "binning", options: { count: 30, range: [-1, 1] } }],
  analyses: [{ id: "information-plane" }, { id: "two-phases" }],
  profiles: { ...NO_PROFILES, smoke: { "base.training.epochs": 20 } },
};

/** Runs a verb on a study in a folder of its own, with a store in it. */
async function onStudy(dir: string, verb: string, study: unknown, ...args: string[]): Promise<Said> {
  const file = join(dir, "study.json");
  await writeFile(file, JSON.stringify(study));
  return await infoplane([verb, file, "--store", join(dir, "store"), ...args]);
}

Deno.test("weights and activations that PyTorch recorded give the same estimates, PyTorch's losses, and a page", async () => {
  await inFolder(async (dir) => {
    const said = await onStudy(dir, "reproduce", IRIS_STUDY, "--data", IRISES, "--out", join(dir, "out"));
    assert.equal(said.code, 6, said.stdout + said.stderr); // nothing is expected of it yet
    const { bundle, table } = await readBundle(join(dir, "out", "bundles", "irises-quick"));
    const of = async (name: string, arm: string) => (await table(name)).rows.filter((row) => row.arm === arm);

    const [weights, activations] = await Promise.all(["main", "activations"].map((arm) => of("estimates", arm)));
    assert.equal(weights.length, 2 * 10 * 3);
    const numbers = (
      { epoch, layer, replicate, ixt_bits, ity_bits }: Row,
    ) => [replicate, epoch, layer, ixt_bits, ity_bits];
    assert.deepEqual(weights.map(numbers), activations.map(numbers));

    const manifest = JSON.parse(await readFile(join(IRISES, "iris-weights", "infoplane-run.json"), "utf8"));
    for (const arm of ["main", "activations"]) {
      const series = await of("series", arm);
      for (const replicate of [0, 1]) {
        const values = (name: string) =>
          series.filter((row) => row.quantity === name && row.replicate === replicate).map(({ value }) =>
            Number(value)
          );
        const run = manifest.runs[replicate];
        for (
          const [ours, theirs, scale] of [
            ["train_loss", run.trainLossNats, Math.LN2],
            ["test_loss", run.testLossNats, Math.LN2],
            ["train_accuracy", run.trainAccuracy, 1],
            ["test_accuracy", run.testAccuracy, 1],
          ]
        ) {
          values(ours).forEach((value, i) =>
            assert.ok(Math.abs(value * scale - theirs[i]) < 1e-6, `${arm} ${ours} ${i}`)
          );
        }
      }
    }

    const digest = createHash("sha256").update(await readFile(join(IRISES, "iris-weights", "infoplane-run.json")));
    assert.equal(bundle.problems[0].origins![1].sha256, digest.digest("hex"));
    const page = await readFile(join(dir, "out", "site", "studies", "irises-quick", "index.html"), "utf8");
    assert.match(page, /trained by another program, in batches of 30, and recorded up to epoch 200 \(PyTorch 1\.13\.1/);
    for (const { sha256 } of bundle.problems.flatMap(({ origins = [] }) => origins)) assert.ok(page.includes(sha256));

    const again = await infoplane([
      ...["reproduce", join(dir, "out", "bundles", "irises-quick", "bundle.json"), "--no-site"],
      ...["--store", join(dir, "store"), "--data", IRISES, "--out", join(dir, "again")],
    ]);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.match(again.stdout, /0 trained, 4 reused/);
    const smoke = await onStudy(
      dir,
      "reproduce",
      IRIS_STUDY,
      ...["--profile", "smoke", "--data", IRISES, "--no-site"],
      ...[
        "--out",
        join(dir, "out"),
      ],
    );
    assert.match(smoke.stdout, /0 trained, 4 reused/);
    const short = await (await readBundle(join(dir, "out", "bundles", "irises-smoke"))).table("trials");
    assert.deepEqual(short.rows.map(({ epochs, updates }) => [epochs, updates]), Array(4).fill([16, 64]));
  });
});

Deno.test("activations that we compute from PyTorch's weights are PyTorch's, to 2^-20", async () => {
  const { ctx: bare } = testContext();
  const ctx = { ...bare, data: [IRISES] };
  const dataset = await recordedData.load({ path: "iris-weights" }, ctx);
  const [ours, theirs] = await Promise.all(
    ["iris-weights", "iris-activations"].map((path) => recorded.replay({ path }, ctx)),
  );
  const kernels = await loadKernels();
  for (const run of [0, 1]) {
    for (const epoch of ours.runs[run]) {
      const layers = await Promise.all([ours, theirs].map(async (recording) => {
        const net = recording.net([4], 3, 150);
        const [{ values }] = await recording.snapshots(net, run, [epoch], dataset);
        return (await createForward(net, dataset.inputs, kernels)).at(values);
      }));
      layers[0].forEach((layer, k) => {
        const worst = Math.max(...Array.from(layer, (value, i) => Math.abs(value - layers[1][k][i])));
        assert.ok(worst < 2 ** -20, `run ${run}, epoch ${epoch}, layer ${k + 1}: ${worst}`);
      });
    }
  }
});

const TRAINED_STUDY = {
  format: 1,
  id: "ours",
  title: "Is a net that we trained the same when it is recorded?",
  seed: 3,
  base: {
    dataset: { id: "symmetric-rule" },
    architecture: { id: "dense", options: { widths: [4, 3], activation: "tanh" } },
    training: { optimiser: { id: "sgd", rate: 0.1 }, batch: 512, epochs: 24 },
  },
  replicates: 1,
  measure: [{ estimator: "binning", options: { count: 30, range: [-1, 1] } }],
  analyses: [{ id: "information-plane" }],
  profiles: NO_PROFILES,
};

Deno.test("a net that we trained has the same rows when it comes back as a recording on the same built-in dataset", async () => {
  await inFolder(async (dir) => {
    const rowsOf = async (study: unknown, name: string) => {
      const said = await onStudy(dir, "reproduce", study, "--no-site", "--data", dir, "--out", join(dir, name));
      assert.equal(said.code, 6, said.stdout + said.stderr);
      const { table } = await readBundle(join(dir, name, "bundles", "ours-quick"));
      const measured = (await table("estimates")).rows.map(({ trial: _, ...row }) => row);
      const series = (await table("series")).rows.filter(({ quantity }) => quantity !== "online_loss");
      return { measured, series: series.map(({ trial: _, ...row }) => row) };
    };
    const trained = await rowsOf(TRAINED_STUDY, "trained");

    const store = await openStore(join(dir, "store"));
    const [entry] = await Array.fromAsync(store.list("trial"));
    const { tensors } = readSafetensors((await store.readBlob(entry, "trajectory"))!, "trajectory");
    const renamed = ["hidden 1", "hidden 2", "output"].flatMap((name, k): [string, Safetensor][] => [
      [`${name}.weight`, tensors.get(`layer.${k + 1}.weights`)!],
      [`${name}.bias`, tensors.get(`layer.${k + 1}.biases`)!],
    ]);
    await writeRecording(join(dir, "run"), {
      format: "infoplane.run-recording/1",
      source: "Infoplane itself",
      layers: [
        { name: "hidden 1", units: 4, activation: "tanh" },
        { name: "hidden 2", units: 3, activation: "tanh" },
        { name: "output", units: 2, activation: "softmax" },
      ],
      records: "weights",
      layout: "in-out",
      runs: [{ epochs: Array.from(tensors.get("epochs")!.data), files: "run.safetensors" }],
    }, { "run.safetensors": writeSafetensors(renamed) });
    const base = {
      ...TRAINED_STUDY.base,
      architecture: { id: "recorded", options: { path: "run" } },
      training: { ...TRAINED_STUDY.base.training, optimiser: { id: "recorded" } },
    };
    const replayed = await rowsOf({ ...TRAINED_STUDY, base }, "replayed");
    assert.deepEqual(replayed, trained);
    assert.ok(trained.measured.length > 60);
  });
});

Deno.test("an analysis of weights sees recorded weights, and says of recorded activations that they have none", async () => {
  await inFolder(async (dir) => {
    const study = { ...IRIS_STUDY, analyses: [{ id: "acme/weight-norms" }] };
    const plugin = ["--plugin", join(ROOT, "examples/weight-norms/mod.ts")];
    const said = await onStudy(
      dir,
      "reproduce",
      study,
      ...plugin,
      "--no-site",
      "--data",
      IRISES,
      "--out",
      join(dir, "out"),
    );
    assert.equal(said.code, 6, said.stdout + said.stderr);
    const { table } = await readBundle(join(dir, "out", "bundles", "irises-quick"));
    const rows = (await table("series")).rows.filter(({ quantity }) => /weight/.test(String(quantity)));
    const moved = rows.filter(({ arm, epoch }) => arm === "main" && epoch === 200);
    assert.equal(moved.length, 2 * 3);
    for (const { value } of moved) assert.ok(Number(value) > 0.1);
    const others = rows.filter(({ arm }) => arm === "activations").map(({ value, reason }) => [value, reason]);
    assert.deepEqual(others, Array(2).fill([null, "it needs weights, and activations alone were recorded"]));
  });
});

Deno.test("what was measured once needs no files but the manifest, and another measurement neither", async () => {
  await inFolder(async (dir) => {
    await cp(IRISES, join(dir, "data"), { recursive: true });
    const first = await onStudy(dir, "run", IRIS_STUDY, "--data", join(dir, "data"));
    assert.equal(first.code, 0, first.stdout + first.stderr);
    for (const run of ["run0", "run1"]) await rm(join(dir, "data", "iris-activations", run), { recursive: true });
    const measure = [{ estimator: "binning", options: { width: 0.1 } }];
    const other = await onStudy(dir, "run", { ...IRIS_STUDY, measure }, "--data", join(dir, "data"));
    assert.equal(other.code, 0, other.stdout + other.stderr);
  });
});

Deno.test("another recording at the same path is other work, whose estimates are its own", async () => {
  await inFolder(async (dir) => {
    const data = join(dir, "data");
    await cp(IRISES, data, { recursive: true });
    const study = { ...IRIS_STUDY, arms: { main: {} } };
    const estimates = async () => {
      const said = await onStudy(dir, "reproduce", study, "--no-site", "--data", data, "--out", join(dir, "out"));
      assert.match(said.stdout, /2 trained, 0 reused/);
      const { rows } = await (await readBundle(join(dir, "out", "bundles", "irises-quick"))).table("estimates");
      return [0, 1].map((of) => rows.filter(({ replicate }) => replicate === of).map(({ ixt_bits }) => ixt_bits));
    };
    const first = await estimates();
    const path = join(data, "iris-weights", "infoplane-run.json");
    const manifest = JSON.parse(await readFile(path, "utf8"));
    manifest.runs.reverse();
    await writeFile(path, JSON.stringify(manifest));
    assert.deepEqual(await estimates(), first.toReversed());
    assert.notDeepEqual(first[0], first[1]);
  });
});

Deno.test("a recording that lacks or lies: exit 2, one line, and an unchanged store", async () => {
  await inFolder(async (dir) => {
    const data = join(dir, "data");
    await cp(IRISES, data, { recursive: true });
    const first = await onStudy(dir, "run", IRIS_STUDY, "--data", data);
    assert.equal(first.code, 0, first.stdout + first.stderr);
    const before = treeDigest(join(dir, "store"));
    const { base } = IRIS_STUDY;

    const attempt = async (study: unknown, line: RegExp, args = ["--data", data]) => {
      const said = await onStudy(dir, "run", study, ...args);
      assert.match(said.stderr.trim(), line);
      assert.deepEqual([said.code, said.stderr.trim().split("\n").length], [2, 1], said.stderr);
      assert.equal(treeDigest(join(dir, "store")), before);
    };
    /** Another recording of the same run, with a change. */
    const altered = async (
      change: (manifest: { [name: string]: unknown; sha256: Record<string, string> }) => Promise<unknown> | unknown,
      line: RegExp,
    ) => {
      const folder = join(data, "altered");
      await cp(join(IRISES, "iris-activations"), folder, { recursive: true, force: true });
      const manifest = JSON.parse(await readFile(join(folder, "infoplane-run.json"), "utf8"));
      await change(manifest);
      await writeFile(join(folder, "infoplane-run.json"), JSON.stringify(manifest));
      const architecture = { id: "recorded", options: { path: "altered" } };
      await attempt({ ...IRIS_STUDY, arms: { main: {} }, replicates: 1, base: { ...base, architecture } }, line);
      await rm(folder, { recursive: true });
    };
    const put = async (manifest: { sha256: Record<string, string> }, name: string, bytes: Uint8Array) => {
      manifest.sha256[name] = createHash("sha256").update(bytes).digest("hex");
      await writeFile(join(data, "altered", name), bytes);
    };

    await attempt({ ...IRIS_STUDY, replicates: 3 }, /there must be a run for each of 3 replicates: .* holds 2/);
    await attempt(IRIS_STUDY, /iris-weights\/infoplane-run\.json .* as --data DIR names one: it is in none/, []);
    const elsewhere = { ...base, dataset: { id: "recorded", options: { path: "/nowhere/mine" } } };
    await attempt(
      { ...IRIS_STUDY, base: elsewhere },
      /\/nowhere\/mine\/infoplane-run\.json .* as --data \/nowhere names one/,
    );
    const rule = {
      ...base,
      dataset: { id: "symmetric-rule" },
      architecture: { id: "recorded", options: { path: "iris-activations" } },
    };
    await attempt(
      { ...IRIS_STUDY, arms: { main: {} }, base: rule },
      /"tanh1" in .* shape must be \[4096, 5\]: it is \[150, 5\]/,
    );
    const sgd = { ...base, training: { ...base.training, optimiser: { id: "sgd", rate: 1 } } };
    await attempt(
      { ...IRIS_STUDY, base: sgd },
      /"recorded" holds recorded nets, so the optimiser must be "recorded": it is "sgd"/,
    );
    await attempt(
      { ...IRIS_STUDY, arms: { main: {} }, base: { ...base, architecture: { id: "dense" } } },
      /nets of a recorded optimiser must be recorded: architecture "dense" gives nets to train/,
    );

    await altered(
      ({ runs }) => (runs as { epochs: number[] }[])[0].epochs.push(201),
      /must have a number for each of 11 epochs/,
    );
    await altered(({ runs }) => {
      (runs as { epochs: number[] }[])[0] = { epochs: [0, 150], files: "run0/epoch_{epoch}.safetensors" } as {
        epochs: number[];
      };
    }, /epoch_150\.safetensors as infoplane-run\.json must name its SHA-256: it does not/);
    await altered(() => rm(join(data, "altered/run0/epoch_8.safetensors")), /epoch_8\.safetensors, .*: there is none/);
    await altered(
      ({ layers }) => (layers as { units: number }[])[1].units = 4,
      /"tanh2" in .* as its shape must be \[150, 4\]: it is \[150, 3\]/,
    );
    await altered(async () => {
      const path = join(data, "altered/run0/epoch_4.safetensors");
      const bytes = await readFile(path);
      bytes[bytes.length - 1] ^= 1;
      await writeFile(path, bytes);
    }, /epoch_4\.safetensors as its SHA-256 must be .*so it is another file/);
    await altered(async (manifest) => {
      const name = "run0/epoch_4.safetensors";
      const { tensors } = readSafetensors(await readFile(join(data, "altered", name)), name);
      (tensors.get("tanh2")!.data as Float32Array)[3 * 7 + 1] = NaN;
      await put(manifest, name, writeSafetensors(tensors));
    }, /layer\.2\.activations of epoch 4 must be finite: \[7, 1\] is NaN/);
    await altered(async (manifest) => {
      const name = "run0/epoch_4.safetensors";
      await put(manifest, name, (await readFile(join(data, "altered", name))).subarray(0, 500));
    }, /epoch_4\.safetensors as safetensors as data_offsets of tensor "output" must rise within \d+ bytes/);
  });
});
