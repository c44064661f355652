import { type Dataset, defineImages, type ImageOptions, readIdx, readOfficial } from "@infoplane/core/images";

const FILES = {
  train: ["train-images-idx3-ubyte", "f4a8712d7a061bf5bd6d2ca38dc4d50a"],
  trainLabels: ["train-labels-idx1-ubyte", "9018921c3c673c538a1fc5bad174d6f9"],
  test: ["t10k-images-idx3-ubyte", "8181f5470baa50b63fa0f6fddb340f0a"],
  testLabels: ["t10k-labels-idx1-ubyte", "15d484375f8d13e6eb1aabb0c3f46965"],
} as const;

/** Where Debian's package dataset-fashion-mnist puts them. */
const DEBIAN = "/usr/share/datasets/fashion-mnist";

/** Pictures of articles of clothing, 60,000 to train on and 10,000 to test on. */
export const fashionMnist: Dataset<ImageOptions> = defineImages({
  id: "fashion-mnist",
  title: "Fashion-MNIST",
  description: "Articles of clothing, 28 × 28 grey pixels: 60,000 to train on, 10,000 to test on " +
    "(Xiao, Rasul and Vollgraf, arXiv:1708.07747).",
  rights: "MIT, Zalando SE; cite Xiao et al. 2017.",
  shape: [28, 28, 1],
  classes: ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"],
  read(ctx) {
    const folders = [...ctx.data.map((folder) => `${folder}/fashion-mnist`), DEBIAN, ...ctx.data];
    const remedy =
      "get it with apt-get install dataset-fashion-mnist, or name the folder of the official files by --data";
    const bytes = ([name, md5]: readonly [string, string]) =>
      readIdx(readOfficial({ name, md5 }, folders, remedy), name).data;
    return {
      train: { pixels: bytes(FILES.train), labels: bytes(FILES.trainLabels) },
      test: { pixels: bytes(FILES.test), labels: bytes(FILES.testLabels) },
    };
  },
});
