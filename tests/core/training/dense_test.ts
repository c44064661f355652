import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { type Kernels, loadKernels } from "../../../core/kernels/mod.ts";
import {
  createDenseEngine,
  type DenseActivation,
  type DenseEngine,
  type DenseLayer,
  type DenseNet,
  type DenseOptimiser,
} from "../../../core/training/dense.ts";
import {
  createTwin,
  twinDifferences,
  twinForward,
  twinGradient,
  twinLoss,
  twinParameterCount,
} from "../../oracles/dense_twin.ts";
import { anyNet, distance, HIDDEN, lcg, netOf, norm, range, type Setting, settingOf } from "./some_nets.ts";

const SGD: DenseOptimiser = { id: "sgd", rate: 0.1 };
const ADAM: DenseOptimiser = { id: "adam", rate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

function engineOf(kernels: Kernels, { net, data, start }: Setting, optimiser = SGD, maxBatch = 64): DenseEngine {
  const engine = createDenseEngine(kernels, net, { optimiser, maxBatch });
  engine.setData(data.inputs, data.labels);
  engine.setParameters(start);
  return engine;
}

function digest(...arrays: Float32Array[]): string {
  const hash = createHash("sha256");
  for (const array of arrays) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return hash.digest("hex");
}

const kernels = await loadKernels();

for (const activation of HIDDEN) {
  Deno.test(`the ${activation} net's gradient is the slope of its loss`, () => {
    for (const [hidden, classes, n] of [[[4, 3], 2, 13], [[6, 5, 1, 2], 3, 30], [[11], 5, 8]] as const) {
      const setting = settingOf(netOf(5, hidden, activation, classes), n, 7 + n);
      const rows = range(0, n);
      const exact = twinGradient(setting.net, setting.start, setting.data, rows);
      const differences = twinDifferences(setting.net, setting.start, setting.data, rows);
      assert.ok(distance(exact, differences) < 1e-7, `twin against differences: ${distance(exact, differences)}`);
      const gradient = engineOf(kernels, setting).gradient(Uint32Array.from(rows));
      assert.ok(distance(gradient, exact) < 2e-6, `kernel against twin: ${distance(gradient, exact)}`);
    }
  });
}

Deno.test("nets of mixed, residual and quantised layers under any output agree with the slow twin", () => {
  fc.assert(
    fc.property(anyNet, fc.integer({ min: 1, max: 30 }), fc.nat(), (net, n, seed) => {
      const setting = settingOf(net, n, seed);
      const rows = range(0, n);
      const engine = engineOf(kernels, setting);
      const layers = engine.forwardData();
      const cells = net.layers.some(({ quantisedBits }) => quantisedBits !== undefined);
      rows.forEach((row) => {
        const at = Array.from(setting.data.inputs.subarray(row * net.inputs, (row + 1) * net.inputs));
        const { h } = twinForward(net, setting.start, at);
        // A value that f32 puts into the cell beside shows in every layer above: such rows are left to the exact test below.
        if (cells) return;
        h.forEach((values, k) =>
          values.forEach((value, u) => {
            const found = layers[k][row * values.length + u];
            assert.ok(
              Math.abs(found - value) < 2e-5 * Math.max(1, Math.abs(value)),
              `layer ${k + 1}: ${found}, twin ${value}`,
            );
          })
        );
      });
      if (cells) return;
      const exact = twinGradient(net, setting.start, setting.data, rows);
      const gradient = engine.gradient(Uint32Array.from(rows));
      const off = (g: ArrayLike<number>) => norm(exact.map((value, i) => g[i] - value));
      // Errors p − y of f32 are off by 1e-7 each, whatever is left of them in the sum.
      assert.ok(off(gradient) < Math.max(5e-5 * norm(exact), 2e-6), `off by ${off(gradient)} of ${norm(exact)}`);
      const precise = engineOf(kernels, { ...setting, net: { ...net, precision: "float64" } });
      const gradient64 = off(precise.gradient(Uint32Array.from(rows)));
      assert.ok(gradient64 < Math.max(1e-12 * norm(exact), 1e-14), `off by ${gradient64} of ${norm(exact)} in float64`);
      const loss = twinLoss(net, setting.start, setting.data, rows);
      assert.ok(Math.abs(engine.step(Uint32Array.from(rows)) - loss) < 1e-5 * Math.max(1, loss));
    }),
    { numRuns: 300 },
  );
});

Deno.test("a quantised layer takes the middles of 2^b equal cells, and its error passes straight through", () => {
  for (const [activation, low, span] of [["tanh", -1, 2], ["sigmoid", 0, 1]] as const) {
    for (const bits of [1, 2, 5, 16]) {
      const net: DenseNet = {
        inputs: 3,
        layers: [{ units: 4, activation, quantisedBits: bits }, { units: 2, activation: "softmax" }],
      };
      const setting = settingOf(net, 50, 5);
      const engine = engineOf(kernels, setting);
      const free = engineOf(kernels, { ...setting, net: netOf(3, [4], activation, 2) });
      const cell = span / 2 ** bits;
      const smooth = free.forwardData()[0];
      engine.forwardData()[0].forEach((value, i) => {
        assert.equal(((value - low) / cell - 0.5) % 1, 0, "the middle of a cell");
        assert.ok(Math.abs(value - smooth[i]) <= cell / 2 + 1e-6, `${value} for ${smooth[i]}`);
      });
      if (bits < 16) continue;
      const rows = Uint32Array.from(range(0, 50));
      assert.ok(distance(engine.gradient(rows), free.gradient(rows)) < 1e-3);
    }
  }
});

Deno.test("a logistic output is the softmax of two units whose first logit is 0", () => {
  const binary: DenseNet = {
    inputs: 3,
    layers: [{ units: 5, activation: "tanh" }, { units: 1, activation: "sigmoid" }],
  };
  const setting = settingOf(binary, 21, 3);
  const pair = netOf(3, [5], "tanh", 2);
  const wide = new Float32Array(twinParameterCount(pair));
  wide.set(setting.start.subarray(0, 20));
  for (let i = 0; i < 6; i++) wide[20 + 2 * i + 1] = setting.start[20 + i];
  const rows = Uint32Array.from(range(0, 21));
  const [one, two] = [engineOf(kernels, setting), engineOf(kernels, { ...setting, net: pair, start: wide })];
  const [g1, g2] = [one.gradient(rows), two.gradient(rows)];
  for (let i = 0; i < 6; i++) assert.ok(Math.abs(g1[20 + i] - g2[20 + 2 * i + 1]) < 1e-6);
  assert.ok(Math.abs(one.step(rows) - two.step(rows)) < 1e-6);
  const far = engineOf(kernels, { ...setting, start: setting.start.map((w, i) => i === 25 ? 30 : i < 20 ? w : 0) });
  assert.ok(
    Math.abs(far.step(Uint32Array.from(rows.filter((r) => setting.data.labels[r] === 1))) / Math.exp(-30) - 1) < 1e-2,
  );
});

for (
  const optimiser of [
    { id: "sgd", rate: 0.05, momentum: 0.9 },
    { id: "sgd", rate: 0.1, weightDecay: 0.01 },
    { id: "sgd", rate: 0.05, momentum: 0.5, weightDecay: 0.1 },
    { ...ADAM, weightDecay: 0.05 },
    { id: "langevin", rate: 0.1, temperature: 0.002, weightDecay: 0.01 },
    { id: "langevin", rate: 0.1, temperature: 0 },
  ] as DenseOptimiser[]
) {
  Deno.test(`100 steps end where the slow twin ends: ${JSON.stringify(optimiser)}`, () => {
    const setting = settingOf(netOf(4, [5, 3], "tanh", 3), 40, 11);
    const [engine, twin] = [
      engineOf(kernels, setting, optimiser),
      createTwin(setting.net, setting.start, setting.data, optimiser),
    ];
    const rows = range(0, 40);
    const next = lcg(9);
    for (let t = 0; t < 100; t++) {
      const noise = optimiser.id === "langevin"
        ? Float64Array.from({ length: engine.parameterCount }, () => 2 * next())
        : undefined;
      engine.step(Uint32Array.from(rows), noise);
      twin.step(rows, noise);
      if (t !== 49) continue;
      const state = engine.optimiserState();
      engine.setOptimiserState(state, engine.steps());
      assert.deepEqual(engine.optimiserState(), state);
    }
    assert.ok(
      distance(engine.parameters(), twin.parameters) < 2e-4,
      `${distance(engine.parameters(), twin.parameters)}`,
    );
  });
}

Deno.test("noise is for Langevin dynamics alone", () => {
  const setting = settingOf(netOf(2, [3], "tanh", 2), 4, 1);
  const rows = Uint32Array.of(0, 1);
  assert.throws(() => engineOf(kernels, setting).step(rows, new Float64Array(17)), /needs noise: the optimiser is sgd/);
  const langevin = engineOf(kernels, setting, { id: "langevin", rate: 0.1, temperature: 1 });
  assert.throws(() => langevin.step(rows), /needs noise: the optimiser is langevin/);
  assert.throws(() => langevin.step(rows, new Float64Array(3)), /17 numbers: there are 3/);
});

Deno.test("loss and gradient agree with the slow twin for any shape of net and batch", () => {
  fc.assert(
    fc.property(
      fc.record({
        inputs: fc.integer({ min: 1, max: 19 }),
        hidden: fc.array(fc.integer({ min: 1, max: 13 }), { maxLength: 4 }),
        activation: fc.constantFrom(...HIDDEN),
        classes: fc.integer({ min: 2, max: 12 }),
        n: fc.integer({ min: 1, max: 40 }),
        seed: fc.nat(),
      }),
      ({ inputs, hidden, activation, classes, n, seed }) => {
        const setting = settingOf(netOf(inputs, hidden, activation, classes), n, seed);
        const rows = range(0, n);
        const engine = engineOf(kernels, setting);
        const exact = twinGradient(setting.net, setting.start, setting.data, rows);
        const error = norm(engine.gradient(Uint32Array.from(rows)).map((v, i) => v - exact[i]));
        assert.ok(error <= 5e-6 * (norm(exact) + 0.01), `gradient off by ${error} of ${norm(exact)}`);
        const loss = twinLoss(setting.net, setting.start, setting.data, rows);
        assert.ok(Math.abs(engine.step(Uint32Array.from(rows)) - loss) <= 3e-6 * (1 + loss));
      },
    ),
    { numRuns: 150, seed: 3 },
  );
});

for (const optimiser of [SGD, ADAM]) {
  Deno.test(`200 steps of ${optimiser.id} end where the slow twin ends, to 1 part in 5000`, () => {
    const setting = settingOf(netOf(6, [7, 5], "tanh", 3), 90, 11);
    const engine = engineOf(kernels, setting, optimiser);
    const twin = createTwin(setting.net, setting.start, setting.data, optimiser);
    for (let t = 0; t < 200; t++) {
      // The last batch of three is partial.
      const rows = range((t % 3) * 37, Math.min(90, (t % 3) * 37 + 37));
      const loss = twin.step(rows);
      assert.ok(Math.abs(engine.step(Uint32Array.from(rows)) - loss) < 2e-4 * (1 + loss), `step ${t}`);
    }
    assert.equal(engine.steps(), 200);
    assert.ok(distance(engine.parameters(), setting.start) > 0.1, "the steps went nowhere");
    assert.ok(
      distance(engine.parameters(), twin.parameters) < 2e-4,
      `${distance(engine.parameters(), twin.parameters)}`,
    );
  });

  Deno.test(`a run of ${optimiser.id} stopped and continued elsewhere ends with the same bytes`, () => {
    const setting = settingOf(netOf(6, [7, 5], "tanh", 3), 90, 12);
    const rows = Uint32Array.from(range(3, 50));
    const whole = engineOf(kernels, setting, optimiser);
    for (let t = 0; t < 40; t++) whole.step(rows);
    const first = engineOf(kernels, setting, optimiser);
    for (let t = 0; t < 15; t++) first.step(rows);
    const second = engineOf(kernels, setting, optimiser, 50);
    second.setParameters(first.parameters());
    second.setOptimiserState(first.optimiserState(), first.steps());
    for (let t = 15; t < 40; t++) second.step(rows);
    assert.deepEqual(second.parameters(), whole.parameters());
    assert.deepEqual(second.optimiserState(), whole.optimiserState());
  });
}

Deno.test("a partial batch is averaged over its own rows: its gradient is the mean of its rows' gradients", () => {
  const setting = settingOf(netOf(12, [10, 7], "tanh", 2), 20, 5);
  const engine = engineOf(kernels, setting);
  const single = range(4, 9).map((r) => engine.gradient(Uint32Array.of(r)));
  const mean = single[0].map((_, i) => single.reduce((sum, g) => sum + g[i], 0) / 5);
  assert.ok(distance(engine.gradient(Uint32Array.from(range(4, 9))), mean) < 1e-6);
});

Deno.test("what was in the batch before cannot show: the bytes depend on the rows alone, not on the room for more", () => {
  for (const activation of HIDDEN) {
    const setting = settingOf(netOf(9, [6, 5], activation, 3), 64, 6);
    const roomy = engineOf(kernels, setting, SGD, 64);
    for (const count of [1, 3, 5, 8, 9, 31]) {
      const rows = Uint32Array.from(range(64 - count, 64));
      roomy.gradient(Uint32Array.from(range(0, 64)));
      assert.deepEqual(engineOf(kernels, setting, SGD, count).gradient(rows), roomy.gradient(rows));
    }
  }
});

Deno.test("the order of the rows in a batch changes a gradient by rounding only", () => {
  const setting = settingOf(netOf(12, [10, 7, 5], "tanh", 4), 61, 8);
  const engine = engineOf(kernels, setting);
  const forwards = engine.gradient(Uint32Array.from(range(0, 61)));
  const backwards = engine.gradient(Uint32Array.from(range(0, 61).reverse()));
  assert.ok(distance(backwards, forwards) < 1e-6);
});

Deno.test("more rows than one call runs forward are given in their order", () => {
  for (const precision of ["float32", "float64"] as const) {
    const net = { ...netOf(2, [300], "relu", 2), precision };
    const setting = settingOf(net, 2000, 4);
    const [h] = engineOf(kernels, setting, SGD, 100).forwardData();
    for (const row of [0, 99, 100, 872, 873, 1999]) {
      const alone = engineOf(kernels, setting, SGD, 100);
      const inputs = setting.data.inputs.slice(2 * row, 2 * row + 2);
      const values = precision === "float64" ? Float64Array.from(inputs) : inputs;
      assert.deepEqual(alone.forward(values as Float32Array)[0], h.slice(300 * row, 300 * row + 300));
    }
  }
});

Deno.test("forward() gives the activations of every layer, and forwardData() the same bytes", () => {
  for (const activation of HIDDEN) {
    const setting = settingOf(netOf(7, [9, 3, 4], activation, 3), 83, 9);
    const engine = engineOf(kernels, setting, SGD, 16);
    const layers = engine.forward(setting.data.inputs);
    assert.deepEqual(engine.forwardData(), layers);
    for (const maxBatch of [5, 64]) assert.deepEqual(engineOf(kernels, setting, SGD, maxBatch).forwardData(), layers);
    assert.deepEqual(layers.map((layer) => layer.length), [83 * 9, 83 * 3, 83 * 4, 83 * 3]);
    for (let r = 0; r < 83; r++) {
      const row = Array.from(setting.data.inputs.subarray(r * 7, r * 7 + 7));
      twinForward(setting.net, setting.start, row).h.forEach((h, k) => {
        h.forEach((value, u) => {
          const error = Math.abs(layers[k][r * h.length + u] - value);
          assert.ok(error <= 2e-6 * (1 + Math.abs(value)), `${activation}, layer ${k + 1}: off by ${error}`);
        });
      });
    }
  }
});

Deno.test("the softmax of every row sums to 1 and does not overflow for large logits", () => {
  const engine = createDenseEngine(kernels, netOf(1, [], "linear", 3), { optimiser: SGD, maxBatch: 8 });
  engine.setParameters(Float32Array.of(1000, -1000, 0, 0, 0, 0));
  const [p] = engine.forward(Float32Array.of(5, -5, 0));
  assert.deepEqual([...p.subarray(0, 6)], [1, 0, 0, 0, 1, 0]);
  assert.ok(Math.abs(p[6] + p[7] + p[8] - 1) < 1e-6);
});

Deno.test("a small loss keeps its digits: a logit ahead by 30 costs e^−30 nats", () => {
  const engine = createDenseEngine(kernels, netOf(1, [], "linear", 2), { optimiser: SGD, maxBatch: 1 });
  engine.setData(Float32Array.of(1), Uint8Array.of(0));
  engine.setParameters(Float32Array.of(30, 0, 0, 0));
  const loss = engine.step(Uint32Array.of(0));
  assert.ok(Math.abs(loss - Math.exp(-30)) < 3e-16);
});

Deno.test("the loss of a net that knows nothing is ln C, also for 256 classes and many rows", () => {
  const engine = createDenseEngine(kernels, netOf(1, [], "linear", 256), { optimiser: SGD, maxBatch: 1000 });
  engine.setData(new Float32Array(1000), Uint8Array.from({ length: 1000 }, (_, i) => i % 256));
  assert.ok(Math.abs(engine.step(Uint32Array.from(range(0, 1000))) - Math.log(256)) < 1e-12);
});

Deno.test("a layer of 1024 units agrees with the slow twin", () => {
  const setting = settingOf(netOf(3, [1024], "tanh", 2), 9, 10);
  const rows = range(0, 9);
  const exact = twinGradient(setting.net, setting.start, setting.data, rows);
  const gradient = engineOf(kernels, setting).gradient(Uint32Array.from(rows));
  assert.ok(distance(gradient, exact) < 1e-5);
});

Deno.test("a loss that is not finite is handed back as it is", () => {
  const engine = createDenseEngine(kernels, netOf(1, [2], "linear", 2), { optimiser: SGD, maxBatch: 4 });
  engine.setData(Float32Array.of(1, 1), Uint8Array.of(0, 1));
  engine.setParameters(new Float32Array(engine.parameterCount).fill(NaN));
  assert.ok(Number.isNaN(engine.step(Uint32Array.of(0, 1))));
});

Deno.test("data can be replaced by more data, and by less", () => {
  const small = settingOf(netOf(5, [4], "tanh", 2), 6, 1);
  const large = settingOf(small.net, 50_000, 2);
  const engine = engineOf(kernels, small);
  const rows = Uint32Array.of(5, 0, 3);
  const before = engine.gradient(rows);
  engine.setData(large.data.inputs, large.data.labels);
  engine.gradient(Uint32Array.of(49_999));
  engine.setData(small.data.inputs, small.data.labels);
  assert.deepEqual(engine.gradient(rows), before);
});

Deno.test("a loss that is given moves the net as the slow twin moves under the same loss", () => {
  for (const activation of ["linear", "tanh", "softplus"] as const) {
    const net: DenseNet = {
      inputs: 3,
      layers: [{ units: 6, activation: "tanh" }, { units: 4, activation }],
      loss: "given",
    };
    const setting = settingOf({ ...net, layers: [net.layers[0], { units: 4, activation: "softmax" }] }, 11, 3);
    const engine = engineOf(kernels, { ...setting, net }, { id: "sgd", rate: 0.1 });
    const rows = [3, 0, 10, 7, 7];
    const target = (r: number, u: number) => (r + u) % 3 - 1;
    // The loss is Σ (h − target)² / 2 over the rows, so that its derivatives are h − target.
    const loss = (parameters: ArrayLike<number>) =>
      rows.reduce((sum, r) => {
        const x = Array.from(setting.data.inputs.subarray(3 * r, 3 * r + 3));
        const h = twinForward(net, parameters, x).h[1];
        return sum + h.reduce((s, value, u) => s + (value - target(r, u)) ** 2 / 2, 0);
      }, 0);
    const h = engine.outputs(Uint32Array.from(rows));
    engine.stepFrom(h.map((value, i) => value - target(rows[Math.floor(i / 4)], i % 4)));
    const moved = engine.parameters();
    for (let p = 0; p < moved.length; p++) {
      const shifted = (by: number) => Float64Array.from(setting.start, (w, i) => i === p ? w + by : w);
      const slope = (loss(shifted(1e-5)) - loss(shifted(-1e-5))) / 2e-5;
      assert.ok(Math.abs((setting.start[p] - moved[p]) / 0.1 - slope) < 1e-3 * Math.max(1, Math.abs(slope)));
    }
  }
});

Deno.test("a given loss and the net's own are not mixed", () => {
  const net: DenseNet = { inputs: 2, layers: [{ units: 3, activation: "linear" }], loss: "given" };
  const setting = settingOf(netOf(2, [], "tanh", 3), 5, 1);
  const rows = Uint32Array.of(0, 1);
  const given = engineOf(kernels, { ...setting, net });
  assert.throws(() => given.step(rows), /must be its own: it is given/);
  assert.throws(() => given.gradient(rows), /must be its own: it is given/);
  assert.throws(() => given.stepFrom(new Float32Array(0)), /must be asked for first/);
  given.outputs(rows);
  assert.throws(() => given.stepFrom(new Float32Array(5)), /6 numbers: there are 5/);
  assert.throws(() => engineOf(kernels, setting).outputs(rows), /must be given: it is its own/);
  assert.throws(
    () => createDenseEngine(kernels, { ...net, precision: "float64" }, { optimiser: SGD, maxBatch: 1 }),
    /float32/,
  );
});

Deno.test("a net, an optimiser or a batch that cannot be is refused with the reason", () => {
  const build = (net: DenseNet, optimiser: DenseOptimiser = SGD, maxBatch = 4) => () =>
    createDenseEngine(kernels, net, { optimiser, maxBatch });
  const good = netOf(2, [3], "tanh", 2);
  assert.throws(build(netOf(2, [3, 0], "tanh", 2)), {
    name: "RangeError",
    message: "Cannot build a dense net as every layer must have >= 1 unit: layer 2 has 0",
  });
  assert.throws(build(netOf(0, [3], "tanh", 2)), /must have >= 1 input: 0/);
  assert.throws(build({ inputs: 2, layers: [] }), /must have >= 1 layer: there is none/);
  assert.throws(build({ inputs: 2, layers: good.layers.slice(0, 1) }), /a softmax or one sigmoid unit: it is 3 × tanh/);
  assert.throws(build(netOf(2, [3], "softmax", 2)), /the last layer and no other may be softmax: layer 1 is softmax/);
  const layer = (changes: Partial<DenseLayer>) =>
    build({ inputs: 2, layers: [{ ...good.layers[0], ...changes }, good.layers[1]] });
  assert.throws(layer({ residual: true }), /as many units as inputs: layer 1 has 3 of 2/);
  assert.throws(layer({ quantisedBits: 17 }), /1 to 16 bits: layer 1 has 17/);
  assert.throws(
    layer({ quantisedBits: 2, activation: "relu" }),
    /tanh or sigmoid, which have a range: layer 1 is relu/,
  );
  assert.throws(layer({ slope: 1, activation: "leaky-relu" }), /in \(0, 1\): layer 1 has 1/);
  assert.throws(build(good, { id: "sgd", rate: 1, momentum: 1 }), /the momentum must be in \[0, 1\): 1/);
  assert.throws(build(good, { id: "sgd", rate: 1, weightDecay: -1 }), /the weight decay must be >= 0/);
  assert.throws(build(good, { id: "langevin", rate: 1, temperature: NaN }), /the temperature must be >= 0/);
  assert.throws(build(netOf(2, [3], "tahn" as DenseActivation, 2)), /layer 1 has "tahn"/);
  assert.throws(build(netOf(2, [3], "tanh", 1)), /the softmax must have 2 to 256 units: it has 1/);
  assert.throws(build(good, { id: "sgd", rate: NaN }), /the rate must be >= 0 and finite: NaN/);
  assert.throws(build(good, { ...ADAM, beta2: 1 } as DenseOptimiser), /beta2 must be in \[0, 1\): 1/);
  assert.throws(build(good, SGD, 0), /maxBatch must be >= 1: 0/);
  const engine = build(good)();
  assert.throws(() => engine.step(Uint32Array.of(0)), /there are 0 rows of data: rows\[0\] is 0/);
  assert.throws(() => engine.setData(new Float32Array(5), new Uint8Array(2)), /^TypeError: .* 4 numbers: there are 5/);
  assert.throws(() => engine.setData(new Float32Array(4), Uint8Array.of(0, 2)), /labels\[1\] is 2/);
  engine.setData(new Float32Array(4), new Uint8Array(2));
  assert.throws(() => engine.step(new Uint32Array(5)), /1 to 4 rows: it has 5/);
  assert.throws(() => engine.step(new Uint32Array(0)), /1 to 4 rows: it has 0/);
  assert.throws(() => engine.setParameters(new Float32Array(3)), /17 numbers: there are 3/);
  assert.throws(() => engine.forward(new Float32Array(3)), /rows of 2 numbers: there are 3/);
});

// Whoever changes one of these digests changes bytes that keys vouch for: raise ARITHMETIC.train or ARITHMETIC.forward in
// core/training/dense.ts with it.
const GOLDEN = {
  sgd: "abf5503f9f4034467b2e44de2cee00fb5b61118e2bddc33e2c58dff17773abbb",
  adam: "864ebf5c8cf350ff33a8d221c5bf98b33f66f8bfd9c99c32a80df1237da48dfe",
  forward: "edc88599a0b146666cd9bf2832395aae71ab25cb3a2c09cfa0709f120ecdf462",
};

/** The default net on all 12-bit patterns, label the parity of three bits; every eighth batch is partial. */
function goldenRun(optimiser: DenseOptimiser): DenseEngine {
  const setting = settingOf(netOf(12, [10, 7, 5, 4, 3], "tanh", 2), 4096, 2018);
  for (let x = 0; x < 4096; x++) {
    for (let j = 0; j < 12; j++) setting.data.inputs[12 * x + j] = x >> j & 1 ? 1 : -1;
    setting.data.labels[x] = (x ^ x >> 4 ^ x >> 9) & 1;
  }
  const engine = engineOf(kernels, setting, optimiser, 512);
  for (let t = 0; t < 200; t++) {
    const count = t % 8 === 7 ? 205 : 512;
    engine.step(Uint32Array.from({ length: count }, (_, i) => ((t % 8) * 512 + i) * 1597 % 4096));
  }
  return engine;
}

Deno.test("200 steps of SGD on the default net end with the pinned bytes", () => {
  assert.equal(digest(goldenRun(SGD).parameters()), GOLDEN.sgd);
});

Deno.test("200 steps of Adam on the default net end with the pinned bytes", () => {
  const engine = goldenRun(ADAM);
  assert.equal(digest(engine.parameters(), engine.optimiserState()), GOLDEN.adam);
});

Deno.test("the activations of the default net have the pinned bytes", () => {
  assert.equal(digest(...goldenRun(SGD).forwardData()), GOLDEN.forward);
});
