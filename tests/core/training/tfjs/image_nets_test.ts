import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Dataset, LoadedDataset } from "../../../../core/contracts/dataset.ts";
import type { DeepNetDescription } from "../../../../core/contracts/deep_net.ts";
import type { Tensor } from "../../../../core/contracts/tensor.ts";
import type { ImageOptions } from "../../../../core/images.ts";
import { loadKernels } from "../../../../core/kernels/mod.ts";
import { root, testContext } from "../../../../core/testing.ts";
import { createConvolutionEngine } from "../../../../core/training/convolution.ts";
import { initialDeepParameters } from "../../../../core/training/initial_deep_parameters.ts";
import { tapsOf } from "../../../../core/training/net.ts";
import { createTfjsEngine } from "../../../../core/training/tfjs/engine.ts";
import { layerShapes } from "../../../../core/training/layer_shapes.ts";
import { cnn } from "../../../../plugins/architectures/cnn.ts";
import { cifar10 } from "../../../../plugins/datasets/cifar10.ts";
import { mnist } from "../../../../plugins/datasets/mnist.ts";
import { first } from "./nets.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const ROWS = 512;
const SGD = { id: "sgd", rate: 0.01 } as const;

const adapter = await navigator.gpu?.requestAdapter();
if (!adapter) console.warn("skipped: image nets on webgpu, as this machine has no adapter, not even one of software");

/** Images of a data set, half of them of those to train on. */
function imagesOf(dataset: Dataset<ImageOptions>): Tensor {
  const options = { normalisation: "zero-one", trainRows: ROWS / 2, testRows: ROWS / 2 } as const;
  const { inputs } = dataset.load(options, { ...testContext().ctx, data: [ROOT] }) as LoadedDataset;
  return inputs;
}

let colour: Tensor | undefined;

/** Photographs where they are at hand, else bytes drawn from a seed; the same for every net. */
function colourImages(): Tensor {
  return colour ??= freshColourImages();
}

function freshColourImages(): Tensor {
  if (existsSync(`${ROOT}data/cifar10/test_batch.bin`)) return imagesOf(cifar10);
  const stream = root(1).child("images");
  const data = Uint8Array.from({ length: ROWS * 32 * 32 * 3 }, () => stream.integer(256));
  return { data, shape: [ROWS, 32, 32, 3], scale: 1 / 255 };
}

const NETS = {
  "8-16 filters on digits": { images: () => imagesOf(mnist), options: { filters: [8, 16], hidden: [32] } },
  "16-32-64 filters in colour": { images: colourImages, options: { filters: [16, 32, 64], hidden: [64] } },
  "32-16-8 filters in colour": { images: colourImages, options: { filters: [32, 16, 8], hidden: [8] } },
};

type Options = Parameters<typeof cnn.build>[2];

/** Biases that the nets start from, and others, which tell whether a backend adds them before or after the products. */
const BIASES = [0, 0.1];

/** What nets of these options say of the images before any update, [512, 10] for each bias, by the arithmetic of one backend. */
async function logitsOn(backend: Options["backend"], options: object, inputs: Tensor): Promise<Float32Array[]> {
  const { value } = cnn.options["~standard"].validate({ ...options, backend }) as { value: Options };
  const built = cnn.build(inputs.shape.slice(1), 10, value);
  const found: Float32Array[] = [];
  for (const bias of BIASES) {
    const net = { ...built, layers: built.layers.map((layer) => "bias" in layer ? { ...layer, bias } : layer) };
    const data = { inputs, labels: new Uint8Array(ROWS), classes: 10 };
    const parameters = initialDeepParameters(net, root(2018).child("weights"));
    if (backend === "kernels") found.push(await logitsByKernels(net, data, parameters));
    else {
      using engine = await createTfjsEngine(net, data, SGD, parameters, root(1).child("dropout"));
      found.push(await engine.logits());
    }
  }
  return found;
}

async function logitsByKernels(
  net: DeepNetDescription,
  data: { inputs: Tensor; labels: Uint8Array },
  parameters: Float32Array,
): Promise<Float32Array> {
  const engine = createConvolutionEngine(await loadKernels(), net, data, { optimiser: SGD, maxBatch: ROWS });
  engine.setParameters(parameters);
  const shapes = layerShapes(net);
  const sizeOf = (name: string) => shapes.get(name)!.reduce((a, b) => a * b, 1);
  engine.forward(first(ROWS), tapsOf(net).map((name) => new Float32Array(ROWS * sizeOf(name))), 0);
  return engine.logits();
}

/** Holds if no logit differs by more than 1e-3 of the largest. */
function assertClose(found: readonly Float32Array[], expected: readonly Float32Array[], words: string): void {
  found.forEach((logits, k) => {
    assert.deepEqual([logits.length, expected[k].length], [10 * ROWS, 10 * ROWS]);
    const largest = expected[k].reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const apart = logits.reduce((most, x, i) => Math.max(most, Math.abs(x - expected[k][i])), 0);
    assert.ok(apart < 1e-3 * largest, `${words}, biases ${BIASES[k]}: ${apart} apart, the largest logit is ${largest}`);
  });
}

for (const [what, { images, options }] of Object.entries(NETS)) {
  const title = `agree on the logits of 512 images within 1e-3: ${what}`;
  Deno.test(`kernels and wasm ${title}`, async () => {
    const inputs = images();
    assertClose(await logitsOn("kernels", options, inputs), await logitsOn("wasm", options, inputs), "kernels, wasm");
  });

  Deno.test({
    name: `webgpu, wasm and kernels ${title}`,
    ignore: !adapter,
    // The device stays for the life of the process.
    sanitizeResources: false,
    async fn() {
      const inputs = images();
      const webgpu = await logitsOn("webgpu", options, inputs);
      assertClose(webgpu, await logitsOn("wasm", options, inputs), "webgpu, wasm");
      assertClose(webgpu, await logitsOn("kernels", options, inputs), "webgpu, kernels");
    },
  });
}
