import type { DeepNetDescription } from "../../core/contracts/deep_net.ts";
import { loadKernels } from "../../core/kernels/mod.ts";
import { root } from "../../core/random/mod.ts";
import { createConvolutionEngine } from "../../core/training/convolution.ts";
import { initialDeepParameters } from "../../core/training/initial_deep_parameters.ts";
import { createTfjsEngine } from "../../core/training/tfjs/engine.ts";
import { cnn } from "../../plugins/architectures/cnn.ts";
import cifarStudy from "../../reports/cifar-cnn/study.ts";
import mnistStudy from "../../reports/mnist-cnn/study.ts";
import { type Figure, ms, times } from "./figure.ts";
import { runPeer } from "./peers.ts";
import { timed, timedAsync } from "./timing.ts";

const BATCH = 128;
const SGD = { id: "sgd", rate: 0.01 } as const;
const NETS = {
  mnist: { shape: [28, 28, 1], options: mnistStudy.base.architecture.options },
  cifar: { shape: [32, 32, 3], options: cifarStudy.base.architecture.options },
};

/** One step of the nets of the studies on real images, by the kernels, by tfjs, and in PyTorch where it is installed. */
export async function convolutionFigures(peers: boolean): Promise<{ figures: Figure[]; skipped: string[] }> {
  const figures: Figure[] = [];
  const skipped: string[] = [];
  for (const [name, { shape, options }] of Object.entries(NETS)) {
    const { value } = cnn.options["~standard"].validate(options) as { value: Parameters<typeof cnn.build>[2] };
    const net = cnn.build(shape, 10, value);
    const own = await ownStep(net);
    const tfjs = await tfjsStep({ ...net, backend: "wasm" });
    figures.push(
      ms(`conv.${name}.ms`, `one step of the net of ${name}-cnn, batch ${BATCH}`, own),
      times(`conv.${name}.tfjs`, `tfjs wasm / ours, net of ${name}-cnn`, tfjs / own, 2, 4),
    );
    if (!peers) continue;
    const torch = await runPeer("torch_convolution.py", name);
    if ("absent" in torch) skipped.push(`PyTorch, net of ${name}-cnn: ${torch.absent}`);
    else {
      const theirs = Number(torch.eager_ms);
      const words = `PyTorch ${torch.version}, one thread / ours, net of ${name}-cnn`;
      figures.push(times(`conv.${name}.torch`, words, theirs / own, 0.5, 1));
    }
  }
  return { figures, skipped };
}

function problem(net: DeepNetDescription) {
  const size = net.inputShape.reduce((a, b) => a * b, 1);
  const data = Uint8Array.from({ length: BATCH * size }, (_, i) => i * 31 % 256);
  const inputs = { data, shape: [BATCH, ...net.inputShape], scale: 1 / 255 };
  const labels = Uint8Array.from({ length: BATCH }, (_, i) => i % 10);
  const rows = Uint32Array.from(labels.keys());
  return { inputs, labels, classes: 10, rows, parameters: initialDeepParameters(net, root(1).child("weights")) };
}

async function ownStep(net: DeepNetDescription): Promise<number> {
  const { rows, parameters, ...data } = problem(net);
  const engine = createConvolutionEngine(await loadKernels(), net, data, { optimiser: SGD, maxBatch: BATCH });
  engine.setParameters(parameters);
  return timed(() => engine.step(rows), { rounds: 5, calls: 2, warmUp: 3 });
}

async function tfjsStep(net: DeepNetDescription): Promise<number> {
  const { rows, parameters, ...data } = problem(net);
  using engine = await createTfjsEngine(net, data, SGD, parameters, root(1));
  return await timedAsync(async () => void await engine.step(rows), { rounds: 2, calls: 1, warmUp: 1 });
}
