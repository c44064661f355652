import type { LoadedDataset, NetDescription, Training, TrialView } from "../../../core/mod.ts";
import { loadKernels } from "../../../core/kernels/mod.ts";
import { trialView } from "../../../core/measuring/trial_view.ts";
import { root } from "../../../core/random/mod.ts";
import { netOf, range, type Setting, settingOf } from "../training/some_nets.ts";

const kernels = await loadKernels();
const SGD: Training = { optimiser: { id: "sgd", rate: 0.1 }, batch: 16, epochs: 5 };

/** A net as an analysis sees it, with what it was made of: 3-4-3-2, 60 rows of which every third is for testing. */
export async function viewedNet(
  training: Partial<Training> = {},
  { quantisedBits, change = (start: Float32Array) => start }: {
    readonly quantisedBits?: number;
    readonly change?: (start: Float32Array) => Float32Array;
  } = {},
): Promise<{
  readonly view: TrialView;
  readonly setting: Setting;
  readonly train: Uint32Array;
  readonly dataset: LoadedDataset;
}> {
  const setting = settingOf(netOf(3, [4, 3], "tanh", 2), 60, 8);
  const net: NetDescription = {
    kind: "layers",
    inputShape: [3],
    layers: setting.net.layers.map(({ units, activation }, k) => ({
      ...{ kind: "dense", name: `layer ${k + 1}`, units, activation, bias: 0 },
      weights: { distribution: "normal", sigma: 1 },
      ...(k === 0 && quantisedBits ? { quantisedBits } : {}),
    })),
  };
  const rows = range(0, 60);
  const train = Uint32Array.from(rows.filter((row) => row % 3 > 0));
  const dataset: LoadedDataset = {
    inputs: { data: setting.data.inputs, shape: [60, 3] },
    labels: setting.data.labels,
    classes: 2,
    // Splits come in the order of their shuffle.
    splits: { train: train.slice().reverse(), test: Uint32Array.from(rows.filter((row) => row % 3 === 0)) },
  };
  const trial = { trial: "some", arm: "main", net, training: { ...SGD, ...training }, chance: { replicate: 0 } };
  const snapshots = [
    { epoch: 0, parameters: change(setting.start) },
    { epoch: 5, parameters: change(setting.start.map((value) => value / 2)) },
  ];
  return { view: await trialView(trial, dataset, snapshots, kernels, root(0)), setting, train, dataset };
}
