import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import type { Dataset, LoadedDataset } from "@infoplane/core";
import type { ImageOptions } from "@infoplane/core/images";
import { testContext } from "../../../core/testing.ts";
import { cifar10, CIFAR10_FILES } from "../../../plugins/datasets/cifar10.ts";
import { fashionMnist } from "../../../plugins/datasets/fashion_mnist.ts";
import { mnist } from "../../../plugins/datasets/mnist.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const DEFAULTS: ImageOptions = { normalisation: "zero-one" };

function load(dataset: Dataset<ImageOptions>, data: string[] = [ROOT]): LoadedDataset {
  return dataset.load(DEFAULTS, { ...testContext().ctx, data }) as LoadedDataset;
}

/** Images of each class. */
const counts = ({ labels, classes, splits }: LoadedDataset, split: "train" | "test") =>
  Array.from({ length: classes }, (_, label) => splits[split].filter((row) => labels[row] === label).length);

Deno.test("MNIST is 60,000 and 10,000 digits, the first of them a five", () => {
  const data = load(mnist);
  assert.deepEqual(data.inputs.shape, [70_000, 28, 28, 1]);
  assert.deepEqual(counts(data, "train"), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  assert.deepEqual(counts(data, "test"), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  assert.deepEqual([...data.labels.subarray(0, 5)], [5, 0, 4, 1, 9]);
  // A five's upper stroke: row 5 of its picture is dark at the left and bright at the right.
  const picture = data.inputs.data.subarray(0, 784);
  assert.ok(picture[5 * 28 + 2] === 0 && picture[5 * 28 + 20] > 100);
});

const fashion = existsSync("/usr/share/datasets/fashion-mnist");
Deno.test({
  name: `Fashion-MNIST is ten classes of 6000 and 1000 images${
    fashion ? "" : " (skipped: apt-get install dataset-fashion-mnist)"
  }`,
  ignore: !fashion,
  fn() {
    const data = load(fashionMnist);
    assert.deepEqual(counts(data, "train"), new Array(10).fill(6000));
    assert.deepEqual(counts(data, "test"), new Array(10).fill(1000));
    assert.equal(data.labels[0], 9);
  },
});

const cifar = existsSync(`${ROOT}data/cifar10/test_batch.bin`);
Deno.test({
  name: `CIFAR-10 is ten classes of 5000 and 1000 images, colours last${
    cifar ? "" : " (skipped: deno task data:cifar10)"
  }`,
  ignore: !cifar,
  fn() {
    const data = load(cifar10);
    assert.deepEqual(data.inputs.shape, [60_000, 32, 32, 3]);
    assert.deepEqual(counts(data, "train"), new Array(10).fill(5000));
    assert.deepEqual(counts(data, "test"), new Array(10).fill(1000));
    // The official record of the first picture, a frog: its first red, green and blue.
    assert.deepEqual([data.labels[0], ...data.inputs.data.subarray(0, 3)], [6, 59, 62, 63]);
  },
});

Deno.test("data that is missing names its command, and CIFAR-10's digests are of six files", () => {
  assert.throws(
    () => load(cifar10, ["/nowhere"]),
    /Cannot find data_batch_1\.bin in .*: get it with deno task data:cifar10/,
  );
  assert.equal(CIFAR10_FILES.length, 6);
  assert.ok(CIFAR10_FILES.every(([, md5]) => md5.length === createHash("md5").digest("hex").length));
});
