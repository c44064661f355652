import type { Net } from "../contracts/architecture.ts";
import { Problem } from "../contracts/problem.ts";
import type { Training } from "../contracts/study.ts";
import { type DenseValues, kindOf } from "../training/dense.ts";
import { optimiserOf } from "../training/dense_training.ts";
import { parameterCount } from "../training/net.ts";
import { snapshotEpochs } from "../training/snapshots.ts";
import type { Checkpoint, Snapshot } from "../training/trajectory.ts";
import { readSafetensors, type Safetensor, writeSafetensors } from "./safetensors.ts";
import { snapshotTensors, storedLosses, storedSnapshots } from "./trajectory.ts";

/**
 * A checkpoint as safetensors: the tensors of its snapshots as in a trajectory, `parameters` and `optimiser_state`, and `position`:
 * epoch, updates, sum of losses, last loss. For the Infoplane that wrote it, or one whose arithmetic gives the same key.
 */
export function encodeCheckpoint(net: Net, checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { epoch, updates, lossSum, lastLossBits, parameters, optimiserState, snapshots } = checkpoint;
  const vector = (data: DenseValues): Safetensor => ({ data, shape: [data.length] });
  return writeSafetensors([
    ...snapshotTensors(net, snapshots),
    ["parameters", vector(parameters)],
    ["optimiser_state", vector(optimiserState)],
    ["position", vector(Float64Array.of(epoch, updates, lossSum, lastLossBits))],
  ]);
}

/**
 * The checkpoint again.
 *
 * @throws {Problem} If it cannot be one of this training.
 */
export function decodeCheckpoint(net: Net, training: Training, bytes: Uint8Array): Checkpoint {
  const { tensors } = readSafetensors(bytes, "checkpoint");
  const values = (name: string, length: number): DenseValues => {
    const data = tensors.get(name)?.data;
    if (!(data instanceof Float32Array || data instanceof Float64Array) || data.length !== length) {
      throw new Problem(
        `Cannot read checkpoint as "${name}" must be ${length} numbers: there are ${data?.length ?? 0}`,
      );
    }
    return data;
  };
  const count = parameterCount(net);
  const [epoch, updates, lossSum, lastLossBits] = values("position", 4);
  const parameters = values("parameters", count);
  const optimiserState = values("optimiser_state", kindOf(optimiserOf(training)).moments * count);
  if (epoch > training.epochs) {
    throw new Problem(`Cannot read checkpoint as its epoch must be at most ${training.epochs}: it is ${epoch}`);
  }
  const expected = snapshotEpochs(training.epochs).filter((other) => other < epoch);
  const found = Array.from(tensors.get("epochs")?.data ?? []);
  if (found.join() !== expected.join()) {
    throw new Problem(
      `Cannot read checkpoint as in epoch ${epoch} its snapshots must be at ${expected}: they are at ${found}`,
    );
  }
  const losses = storedLosses(tensors, found.length);
  const snapshots = storedSnapshots(net, tensors).map((snapshot, s): Snapshot => ({
    ...snapshot,
    onlineLossBits: losses.onlineLossBits[s],
    trainLossBits: losses.trainLossBits[s],
    trainAccuracy: losses.trainAccuracy[s],
    testLossBits: losses.testLossBits[s],
    testAccuracy: losses.testAccuracy[s],
    testAccuracySampled: losses.testAccuracySampled[s],
  }));
  return { epoch, updates, lossSum, lastLossBits, parameters, optimiserState, snapshots };
}
