import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { root, type Stream } from "../../../core/testing.ts";
import {
  createDenseEngine,
  type DenseEngine,
  type DenseNet,
  type DenseOptimiser,
  type DenseValues,
} from "../../../core/training/dense.ts";
import { anyNet, distance, netOf, norm, range, type Setting, settingOf } from "./some_nets.ts";

const kernels = await loadKernels();
const STILL: DenseOptimiser = { id: "sgd", rate: 0 };
const stream = () => root(4).child("some noise");

function engineOf({ net, data, start }: Setting, given: { optimiser?: DenseOptimiser; maxBatch?: number } = {}) {
  const { optimiser = STILL, maxBatch = 64 } = given;
  const engine = createDenseEngine<DenseValues>(kernels, net, { optimiser, maxBatch });
  engine.setData(data.inputs, data.labels);
  engine.setParameters(start);
  engine.setNoise(stream());
  return engine;
}

/** The hidden layers with noise of these σ in turn. */
function noisy(net: DenseNet, sigmas: readonly (number | undefined)[] = [0.5, undefined, 0.2]): DenseNet {
  const last = net.layers.length - 1;
  return { ...net, layers: net.layers.map((layer, k) => k === last ? layer : { ...layer, noise: sigmas[k % 3] }) };
}

/** With the noise frozen: every call sees the same draw. */
function frozen<Result>(engine: DenseEngine<DenseValues>, work: () => Result): Result {
  engine.setNoise(stream());
  return work();
}

Deno.test("the gradient of a noisy net is the slope of its loss with the noise held, whatever its layers", () => {
  fc.assert(
    fc.property(anyNet, fc.integer({ min: 1, max: 30 }), fc.nat(), (free, n, seed) => {
      // Errors pass straight through cells, whose slope is another; they are tried below.
      const smooth = { ...free, layers: free.layers.map((layer) => ({ ...layer, quantisedBits: undefined })) };
      const setting = settingOf(noisy(smooth), n, seed);
      const engine = engineOf({ ...setting, net: { ...setting.net, precision: "float64" } });
      const rows = Uint32Array.from(range(0, n));
      const at = Float64Array.from(setting.start);
      const lossAt = () => {
        engine.setParameters(at);
        return frozen(engine, () => engine.step(rows));
      };
      const gradient = frozen(engine, () => engine.gradient(rows));
      for (let i = 0; i < at.length; i += 1 + Math.floor(at.length / 20)) {
        const kept = at[i];
        const slopes = [1e-5, 1e-6].map((h) => {
          at[i] = kept + h;
          const up = lossAt();
          at[i] = kept - h;
          return (up - lossAt()) / (2 * h);
        });
        at[i] = kept;
        // A kink within the step shows in one of them.
        const off = Math.min(...slopes.map((slope) => Math.abs(slope - gradient[i])));
        assert.ok(off < 1e-6 * Math.max(1, Math.abs(gradient[i])), `parameter ${i}: ${gradient[i]}, slope ${slopes}`);
      }
      const single = engineOf(setting).gradient(rows);
      const size = Math.max(1e-3, norm(gradient));
      single.forEach((g, i) => assert.ok(Math.abs(g - gradient[i]) < 2e-4 * size, `${g}, in float64 ${gradient[i]}`));
    }),
    { numRuns: 100, seed: 2018 },
  );
});

Deno.test("a quantised layer with noise passes its error straight through as one without", () => {
  const layer = { units: 4, activation: "tanh", noise: 0.3 } as const;
  const output = { units: 2, activation: "softmax" } as const;
  const net: DenseNet = { inputs: 3, layers: [{ ...layer, quantisedBits: 16 }, output] };
  const setting = settingOf(net, 50, 5);
  const rows = Uint32Array.from(range(0, 50));
  const free = engineOf({ ...setting, net: { inputs: 3, layers: [layer, output] } }).gradient(rows);
  assert.ok(distance(engineOf(setting).gradient(rows), free) < 1e-3);
});

for (const precision of ["float32", "float64"] as const) {
  Deno.test(`T is its centre plus σ times the normals of the layer's stream, row by row, in ${precision}`, () => {
    const sigmas = [0.5, undefined, 0.2];
    const net: DenseNet = { ...noisy(netOf(3, [5, 4, 2], "tanh", 2), sigmas), precision };
    const setting = settingOf(net, 21, 8);
    const engine = engineOf(setting);
    const double = precision === "float64";
    const centres = net.layers.map(({ units }) => double ? new Float64Array(21 * units) : new Float32Array(21 * units));
    const layers = engine.forwardData(undefined, centres);
    net.layers.forEach(({ noise }, k) => {
      const normals: Stream = stream().child(k + 1);
      const expected = centres[k].map((centre) => centre + (noise ? noise * normals.normal() : 0));
      const off = Math.max(...expected.map((t, i) => Math.abs(t - layers[k][i])));
      assert.ok(off < (double ? 1e-15 : 2e-7), `layer ${k + 1} is off by ${off}`);
    });
    let from = 0;
    net.layers.slice(0, 3).forEach(({ units, activation }, k) => {
      const inputs = k === 0 ? 3 : net.layers[k - 1].units;
      const size = (inputs + 1) * units;
      const output = { units: 2, activation: "softmax" } as const;
      const alone = { inputs, layers: [{ units, activation }, output], precision };
      const engine = createDenseEngine<DenseValues>(kernels, alone, { optimiser: STILL, maxBatch: 8 });
      engine.setParameters([...setting.start.subarray(from, from += size), ...new Float32Array(2 * units + 2)]);
      const below = k === 0 ? setting.data.inputs : layers[k - 1];
      const [centre] = engine.forward(double ? Float64Array.from(below) : Float32Array.from(below));
      assert.deepEqual(centre, centres[k], `layer ${k + 1} sees the noise below it, and its own not at all`);
    });
  });
}

Deno.test("noise depends neither on batches nor on what was run before", () => {
  const setting = settingOf(noisy(netOf(3, [5, 4], "tanh", 2)), 61, 8);
  const layers = engineOf(setting).forwardData();
  for (const maxBatch of [1, 5, 61]) assert.deepEqual(engineOf(setting, { maxBatch }).forwardData(), layers);
  const engine = engineOf(setting);
  engine.gradient(Uint32Array.of(3, 1));
  assert.notDeepEqual(engine.forwardData(), layers, "the stream has moved on");
  assert.deepEqual(frozen(engine, () => engine.forwardData()), layers);
  assert.deepEqual(frozen(engine, () => engine.forward(setting.data.inputs)), layers);
});

Deno.test("a net whose weights overflowed leaves nothing behind", () => {
  const setting = settingOf(noisy(netOf(3, [5, 4], "linear", 2)), 3, 8);
  const rows = Uint32Array.of(0, 1, 2);
  const engine = engineOf(setting);
  const gradient = engine.gradient(rows);
  engine.setParameters(setting.start.map(() => 3e38));
  engine.gradient(rows);
  engine.setParameters(setting.start);
  assert.deepEqual(frozen(engine, () => engine.gradient(rows)), gradient);
});

Deno.test("50 steps of SGD on the default net with noise end with the pinned bytes", () => {
  const net = noisy(netOf(12, [10, 7, 5, 4, 3], "tanh", 2), [0.1, 0.1, 0.1]);
  const setting = settingOf(net, 256, 1);
  const bytes = ["float32", "float64"].map((precision) => {
    const engine = engineOf({ ...setting, net: { ...net, precision } as DenseNet }, {
      optimiser: { id: "sgd", rate: 0.1 },
    });
    for (let step = 0; step < 50; step++) engine.step(Uint32Array.from(range(0, 64), (i) => (64 * step + i) % 256));
    const parameters = engine.parameters();
    return createHash("sha256").update(new Uint8Array(parameters.buffer)).digest("hex");
  });
  assert.deepEqual(bytes, [
    "93fce749b40c18d50b5f1c96eceec04683020c6c0b74ef9c4e1b9f1c4901ba87",
    "ead3b0bf5e3c5d796fe93adb8a76a50fe936aa957bda87bd2af502cfaaf8149b",
  ]);
});

Deno.test("noise that cannot be is refused: none, infinite, in the output, without a source", () => {
  const build = (layers: DenseNet["layers"]) =>
    createDenseEngine(kernels, { inputs: 1, layers }, { optimiser: STILL, maxBatch: 2 });
  const output = { units: 2, activation: "softmax" } as const;
  for (const noise of [0, -1, NaN, Infinity]) {
    assert.throws(() => build([{ units: 1, activation: "tanh", noise }, output]), {
      message: `Cannot build a dense net as the noise of a layer must be > 0 and finite: layer 1 has ${noise}`,
    });
  }
  assert.throws(() => build([{ ...output, noise: 1 }]), /the output must be neither residual nor quantised nor noisy/);
  const engine = build([{ units: 1, activation: "tanh", noise: 1 }, output]);
  engine.setData(Float32Array.of(1), Uint8Array.of(0));
  assert.throws(() => engine.forwardData(), /must know where to draw from: setNoise was not called/);
});
