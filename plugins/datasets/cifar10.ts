import {
  type Dataset,
  defineImages,
  type ImageOptions,
  type LabelledImages,
  readOfficial,
} from "@infoplane/core/images";

/** The official binary version's files with the MD5 of each; the last is the test set. */
export const CIFAR10_FILES: readonly (readonly [name: string, md5: string])[] = [
  ["data_batch_1.bin", "5dd7e06a14cb22eb9f671a540d1b7c25"],
  ["data_batch_2.bin", "5ea93a67294ea407fff1d09f752e9692"],
  ["data_batch_3.bin", "942cd6a4bcdd0dd3c604fbe906cb4421"],
  ["data_batch_4.bin", "ae636b3ba5c66a11e91e8cb52e771fcb"],
  ["data_batch_5.bin", "53f37980c15c3d472c316c40844f3f0d"],
  ["test_batch.bin", "803d5f7f4d78ea53de84dbe85f74fb6d"],
];

const PIXELS = 32 * 32;
const RECORD = 1 + 3 * PIXELS;
/** Of each official file. */
const RECORDS = 10_000;

/** Small colour photographs of ten kinds of things, 50,000 to train on and 10,000 to test on. */
export const cifar10: Dataset<ImageOptions> = defineImages({
  id: "cifar10",
  title: "CIFAR-10",
  description:
    "Photographs of ten kinds of things, 32 × 32 pixels of three colours: 50,000 to train on, 10,000 to test on " +
    "(Krizhevsky, Learning multiple layers of features from tiny images, 2009).",
  rights: "No licence is stated; cite Krizhevsky 2009.",
  shape: [32, 32, 3],
  classes: ["aeroplane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "lorry"],
  read(ctx) {
    const folders = ctx.data.flatMap((
      folder,
    ) => [`${folder}/data/cifar10`, `${folder}/cifar10`, `${folder}/cifar-10-batches-bin`, folder]);
    const remedy = "get it with deno task data:cifar10, or name the folder of the official binary version by --data";
    const recordsOf = ([name, md5]: typeof CIFAR10_FILES[number]) => readOfficial({ name, md5 }, folders, remedy);
    return {
      train: imagesOf(CIFAR10_FILES.slice(0, -1), recordsOf),
      test: imagesOf(CIFAR10_FILES.slice(-1), recordsOf),
    };
  },
});

/** Records of a label and three planes of colour, as images with their channels last; files are in memory one at a time. */
function imagesOf<File>(files: readonly File[], recordsOf: (file: File) => Uint8Array): LabelledImages {
  const n = files.length * RECORDS;
  const pixels = new Uint8Array(n * 3 * PIXELS);
  const labels = new Uint8Array(n);
  let row = 0;
  for (const name of files) {
    const file = recordsOf(name);
    for (let from = 0; from < file.length; from += RECORD, row++) {
      labels[row] = file[from];
      const to = row * 3 * PIXELS;
      for (let channel = 0; channel < 3; channel++) {
        const plane = from + 1 + channel * PIXELS;
        for (let i = 0; i < PIXELS; i++) pixels[to + 3 * i + channel] = file[plane + i];
      }
    }
  }
  return { pixels, labels };
}
