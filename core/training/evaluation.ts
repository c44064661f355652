import type { LoadedDataset } from "../contracts/dataset.ts";
import { log2 } from "../numerics/elementary.ts";

/** How well a net predicts, at one snapshot. Losses are cross-entropies in bits. */
export interface Evaluation {
  /** Mean over training rows of −log2 q(label|x), with the labels the net is trained on. */
  readonly trainLossBits: number;
  /** Fraction of training rows whose label is the predicted class. */
  readonly trainAccuracy: number;
  /** Mean over test rows of −Σ_y p(y|x) log2 q(y|x); with the sampled label where p(y|x) is unknown. */
  readonly testLossBits: number;
  /** Mean over test rows of p(ŷ(x)|x); the sampled accuracy where p(y|x) is unknown. */
  readonly testAccuracy: number;
  /** Fraction of test rows whose sampled label is the predicted class. */
  readonly testAccuracySampled: number;
}

/** A predicted probability below this counts as this: no single row costs more than 126 bits. */
const SMALLEST = 1.1754943508222875e-38;

/**
 * Losses and accuracies from the softmax output of a net.
 *
 * @param q Predicted probabilities, row-major, shape [n, classes], of all rows of the dataset.
 */
export function evaluate(q: Float32Array, dataset: LoadedDataset): Evaluation {
  const { classes, labels, joint, splits } = dataset;
  const cost = (row: number, y: number) => -log2(Math.max(q[row * classes + y], SMALLEST));

  let trainLoss = 0;
  let trainHits = 0;
  for (const row of splits.train) {
    trainLoss += cost(row, labels[row]);
    if (predicted(q, row, classes) === labels[row]) trainHits++;
  }

  let testLoss = 0;
  let testHits = 0;
  let expectedHits = 0;
  for (const row of splits.test) {
    const guess = predicted(q, row, classes);
    if (guess === labels[row]) testHits++;
    if (joint === undefined) {
      testLoss += cost(row, labels[row]);
    } else {
      for (let y = 0; y < classes; y++) {
        const p = joint.pyx[row * classes + y];
        if (p > 0) testLoss += p * cost(row, y);
      }
      expectedHits += joint.pyx[row * classes + guess];
    }
  }

  const trainRows = splits.train.length;
  const testRows = splits.test.length;
  return {
    trainLossBits: trainLoss / trainRows,
    trainAccuracy: trainHits / trainRows,
    testLossBits: testLoss / testRows,
    testAccuracy: (joint === undefined ? testHits : expectedHits) / testRows,
    testAccuracySampled: testHits / testRows,
  };
}

function predicted(q: Float32Array, row: number, classes: number): number {
  let best = 0;
  for (let y = 1; y < classes; y++) if (q[row * classes + y] > q[row * classes + best]) best = y;
  return best;
}
