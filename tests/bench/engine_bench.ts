import { type Figure, ms, times } from "./figure.ts";
import { rates } from "./peak.ts";
import { tfjsStep } from "./tfjs_step.ts";
import { timed } from "./timing.ts";
import { engineOf, multiplyAddsOf, SMALL, WIDE, type Workload } from "./workloads.ts";

/** A pass over the dense engine, and the times of one step of each net. */
export async function engineFigures(): Promise<{ figures: Figure[]; small: number; wide: number }> {
  const peak = await rates();
  const small = await stepOf(SMALL);
  const wide = await stepOf(WIDE);
  const tanhs = SMALL.batch * SMALL.net.layers.slice(0, -1).reduce((sum, { units }) => sum + units, 0);
  const floor = (multiplyAddsOf(SMALL) / peak.multiplyAdds + tanhs / peak.tanh) * 1000;
  const rate = multiplyAddsOf(WIDE) / wide / 1e6;
  const engine = await engineOf(SMALL);
  let activations = engine.forwardData();
  const forward = timed(() => void (activations = engine.forwardData(activations)), { calls: 20, warmUp: 50 });
  const wasm = await tfjsStep(SMALL, "wasm");
  const cpu = await tfjsStep(SMALL, "cpu");
  const wideWasm = await tfjsStep(WIDE, "wasm");
  return {
    small,
    wide,
    figures: [
      ms("step.small.ms", "R: a step of 12-10-7-5-4-3-2, batch 512, loss and update", small),
      { id: "peak", name: "best multiply-add rate of wasm SIMD loops", value: peak.multiplyAdds / 1e9, unit: "G/s" },
      { id: "tanh", name: "tanh", value: peak.tanh / 1e9, unit: "G/s" },
      ms("step.small.floor.ms", `floor: ${multiplyAddsOf(SMALL)} multiply-adds and ${tanhs} tanh`, floor),
      { id: "step.small.share", name: "floor / R", value: floor / small, unit: "1" },
      ms("step.small.tfjs.ms", "the same step in tfjs wasm", wasm),
      times("step.small.tfjs", "tfjs wasm / R", wasm / small, 20, 25),
      ms("step.small.cpu.ms", "the same step in tfjs cpu", cpu),
      times("step.small.cpu", "tfjs cpu / R", cpu / small),
      ms("step.wide.ms", "a step of 784-256-128-10 with ReLU, batch 128", wide),
      { id: "step.wide.rate", name: "its multiply-adds", value: rate, unit: "G/s" },
      {
        ...{ id: "step.wide.share", name: "its rate / best rate", value: rate * 1e9 / peak.multiplyAdds, unit: "1" },
        must: { relation: ">=", bound: 0.5 },
      },
      ms("step.wide.tfjs.ms", "the same step in tfjs wasm", wideWasm),
      times("step.wide.tfjs", "tfjs wasm / ours, 784-256-128-10", wideWasm / wide, 1),
      ms("forward.ms", "forward pass of 4096 patterns, all layers copied out", forward),
      { id: "forward", name: "forward / R", value: forward / small, unit: "R", must: { relation: "<=", bound: 6 } },
    ],
  };
}

async function stepOf(workload: Workload): Promise<number> {
  const engine = await engineOf(workload);
  const rows = Uint32Array.from({ length: workload.batch }, (_, i) => i);
  return timed(() => void engine.step(rows), workload === SMALL ? {} : { calls: 10, warmUp: 40 });
}
