import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { LoadedDataset } from "../../core/contracts/dataset.ts";
import { defineImages, type ImageOptions, readOfficial } from "../../core/images.ts";
import { root, testContext } from "../../core/testing.ts";

/** Thirty images of two pixels whose first is ten times the row, plus the class in the second; the last ten are the test set. */
const images = (from: number, count: number) => ({
  pixels: Uint8Array.from({ length: 2 * count }, (_, i) => i % 2 === 0 ? from + (i >> 1) : (from + (i >> 1)) % 3),
  labels: Uint8Array.from({ length: count }, (_, i) => (from + i) % 3),
});
const dataset = defineImages({
  ...{ id: "acme/three", title: "Three", description: "Three classes.", rights: "None." },
  shape: [1, 2, 1],
  classes: ["a", "b", "c"],
  read: () => ({ train: images(0, 20), test: images(20, 10) }),
});

function load(given: Partial<ImageOptions> = {}, replicate = 0): LoadedDataset {
  const { value } = dataset.options["~standard"].validate(given) as { value: ImageOptions };
  return dataset.load(value, testContext(root(3).child("replicate", replicate)).ctx) as LoadedDataset;
}

const rowsOf = ({ inputs: { data, shape } }: LoadedDataset) => Array.from({ length: shape[0] }, (_, i) => data[2 * i]);

Deno.test("all images stand in the order of the files, the training set first, as bytes with a scale", () => {
  const { inputs, labels, classes, splits } = load();
  assert.deepEqual(inputs.shape, [30, 1, 2, 1]);
  assert.ok(inputs.data instanceof Uint8Array);
  assert.deepEqual([inputs.scale, inputs.offset], [1 / 255, 0]);
  assert.deepEqual(rowsOf(load()), Array.from({ length: 30 }, (_, i) => i));
  assert.deepEqual([...labels], Array.from({ length: 30 }, (_, i) => i % 3));
  assert.equal(classes, 3);
  assert.deepEqual([...splits.train], Array.from({ length: 20 }, (_, i) => i));
  assert.deepEqual([...splits.test], Array.from({ length: 10 }, (_, i) => 20 + i));
  assert.deepEqual(load({}, 1), load({}, 0));
});

Deno.test("a subset is drawn by the replicate from each set, keeps its labels, and is the larger subset's first", () => {
  const subset = load({ trainRows: 6, testRows: 4 });
  const rows = rowsOf(subset);
  assert.equal(new Set(rows).size, 10);
  assert.ok(rows.slice(0, 6).every((row) => row < 20) && rows.slice(6).every((row) => row >= 20));
  assert.deepEqual([...subset.labels], rows.map((row) => row % 3));
  assert.notDeepEqual(rowsOf(load({ trainRows: 6, testRows: 4 }, 1)), rows);
  assert.deepEqual(
    new Set(rowsOf(load({ trainRows: 9, testRows: 4 })).slice(0, 9)).isSupersetOf(new Set(rows.slice(0, 6))),
    true,
  );
  assert.throws(() => load({ trainRows: 21 }), /training set must have 21 images of these classes: it has 20/);
});

Deno.test("classes that are kept are numbered anew in ascending order", () => {
  const { labels, classes, inputs: { data } } = load({ classes: [2, 0] });
  assert.equal(classes, 2);
  assert.deepEqual([...labels], Array.from({ length: labels.length }, (_, i) => data[2 * i + 1] === 2 ? 1 : 0));
  assert.throws(() => load({ classes: [0, 3] }), /classes must be two or more of 0 to 2: 3 is none/);
  assert.throws(() => load({ classes: [1, 1] }), /they are 1$/);
});

Deno.test("random labels are dealt out within each set, so that their numbers stay", () => {
  const counts = ({ labels, splits }: LoadedDataset, split: "train" | "test") =>
    [0, 1, 2].map((label) => splits[split].filter((row) => labels[row] === label).length);
  const random = load({ labels: "random" });
  assert.deepEqual(counts(random, "train"), counts(load(), "train"));
  assert.deepEqual(counts(random, "test"), counts(load(), "test"));
  assert.notDeepEqual(random.labels, load().labels);
  assert.notDeepEqual(random.labels, load({ labels: "random" }, 1).labels);
  assert.deepEqual(random.inputs, load().inputs);
});

Deno.test("normalisation is a scale: to ±1, or to mean 0 and variance 1 over the training images kept", () => {
  const ends = load({ normalisation: "plus-minus-one" }).inputs;
  assert.deepEqual([0 * ends.scale! + ends.offset!, 255 * ends.scale! + ends.offset!], [-1, 1]);
  const { inputs: { data, scale, offset }, splits } = load({ normalisation: "standard" });
  const values = Array.from(data.subarray(0, 2 * splits.train.length), (byte) => byte * scale! + offset!);
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
  assert.ok(Math.abs(mean) < 1e-12 && Math.abs(variance - 1) < 1e-12, `${mean}, ${variance}`);
});

Deno.test("an official file is read from the first folder that has it, packed or not, and refused if it is another", () => {
  const folder = mkdtempSync(join(tmpdir(), "images-"));
  try {
    const bytes = new TextEncoder().encode("pictures");
    const file = { name: "pictures.idx", md5: createHash("md5").update(bytes).digest("hex") };
    const remedy = "get it with deno task data:pictures";
    assert.throws(() => readOfficial(file, ["/nowhere", folder], remedy), {
      message: `Cannot find pictures.idx in /nowhere, ${folder}: ${remedy}`,
    });
    writeFileSync(join(folder, "pictures.idx.gz"), gzipSync(bytes));
    assert.deepEqual([...readOfficial(file, ["/nowhere", folder], remedy)], [...bytes]);
    writeFileSync(join(folder, "pictures.idx"), "pictureS");
    assert.throws(
      () => readOfficial(file, [folder], remedy),
      /the MD5 of the official pictures\.idx must be .*: it is /,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
