import type { Net } from "../contracts/architecture.ts";
import type { RecordedNetDescription } from "../contracts/recorded.ts";
import type { Stream } from "../contracts/stream.ts";
import type { Tensor } from "../contracts/tensor.ts";
import type { Kernels } from "../kernels/mod.ts";
import { isByKernels } from "./arithmetic.ts";
import { convolutionForward } from "./convolution_training.ts";
import { createDenseEngine, type DenseValues } from "./dense.ts";
import { denseNet } from "./dense_training.ts";
import { float32Of, float64Of } from "./inputs.ts";

/** Rows that go through a net at a time; it changes the time, not the bytes. */
export const FORWARD_ROWS = 512;

/** Runs the rows of a dataset through a net; `using` frees what it holds. */
export interface Forward extends Disposable {
  /**
   * Activations of the measured layers 1…K for every row, row-major [n, units].
   *
   * @param parameters In the engine's layout.
   * @param into What an earlier call gave, to be written over and given back; by default new arrays.
   * @param noise Where noisy layers draw from; nets without them need none.
   * @param centres Of nets of dense layers: written over with the activations of each layer without its own noise.
   */
  at(parameters: DenseValues, into?: DenseValues[], noise?: Stream, centres?: DenseValues[]): DenseValues[];
}

/** The way through a net for the rows of `inputs`, shape [n, …]. */
export async function createForward(net: Net, inputs: Tensor, kernels: Kernels): Promise<Forward> {
  if (net.kind === "recorded") return recordedForward(net);
  if (isByKernels(net)) return convolutionForward(net, inputs, kernels);
  if (net.kind !== "layers") {
    const { createTfjsForward } = await import("./tfjs/engine.ts");
    return await createTfjsForward(net, inputs);
  }
  const engine = createDenseEngine<DenseValues>(kernels, denseNet(net), {
    optimiser: { id: "sgd", rate: 0 },
    maxBatch: FORWARD_ROWS,
  });
  engine.setData(net.precision === "float64" ? float64Of(inputs) : float32Of(inputs), new Uint8Array(inputs.shape[0]));
  return {
    at(parameters, into, noise, centres) {
      engine.setParameters(parameters);
      if (noise) engine.setNoise(noise);
      return engine.forwardData(into, centres);
    },
    [Symbol.dispose]() {},
  };
}

/** Snapshots of a recorded net are its activations. */
function recordedForward({ rows, layers }: RecordedNetDescription): Forward {
  return {
    at(parameters) {
      let from = 0;
      return layers.map(({ units }) => parameters.slice(from, from += rows * units) as DenseValues);
    },
    [Symbol.dispose]() {},
  };
}
