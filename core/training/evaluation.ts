import type { LoadedDataset } from "../contracts/dataset.ts";
import { exp, log2, softplus } from "../numerics/elementary.ts";

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
const BITS_PER_NAT = 1.4426950408889634;

/** What a net says of each row. */
export interface Prediction {
  /** −log2 q(y|x) of a row, in bits. */
  cost(row: number, y: number): number;
  /** The class held most likely. */
  guess(row: number): number;
}

/**
 * What a softmax says.
 *
 * @param q Predicted probabilities, row-major, shape [n, classes].
 */
export function softmaxPrediction(q: ArrayLike<number>, classes: number): Prediction {
  return {
    cost: (row, y) => -log2(Math.max(q[row * classes + y], SMALLEST)),
    guess: (row) => greatest(q, row, classes),
  };
}

/**
 * What pre-activations of the output say, computed in f64.
 *
 * @param logits Row-major, shape [n, units]; one unit is logistic and stands against 0.
 */
export function logitPrediction(logits: ArrayLike<number>, units: number): Prediction {
  if (units === 1) return logisticPrediction(logits, [1, 0]);
  const guess = (row: number) => greatest(logits, row, units);
  return {
    cost(row, y) {
      const top = logits[row * units + guess(row)];
      let sum = 0;
      for (let k = 0; k < units; k++) sum += exp(logits[row * units + k] - top);
      return log2(sum) + (top - logits[row * units + y]) * BITS_PER_NAT;
    },
    guess,
  };
}

function greatest(values: ArrayLike<number>, row: number, width: number): number {
  let best = 0;
  for (let k = 1; k < width; k++) if (values[row * width + k] > values[row * width + best]) best = k;
  return best;
}

/**
 * What one logistic unit says. Its probability in f32 cannot tell classes far beyond 24 bits apart, its pre-activation can, so that
 * is computed again, in f64.
 *
 * @param below Activations of the layer below, row-major, shape [n, inputs].
 * @param weights Of the unit, shape [inputs], then its bias.
 */
export function logisticPrediction(below: ArrayLike<number>, weights: ArrayLike<number>): Prediction {
  const inputs = weights.length - 1;
  const logit = (row: number) => {
    let z = weights[inputs];
    for (let i = 0; i < inputs; i++) z += below[row * inputs + i] * weights[i];
    return z;
  };
  return {
    cost: (row, y) => softplus(y === 1 ? -logit(row) : logit(row)) * BITS_PER_NAT,
    guess: (row) => logit(row) > 0 ? 1 : 0,
  };
}

/** Losses and accuracies of a net on a dataset. */
export function evaluate({ cost, guess }: Prediction, dataset: LoadedDataset): Evaluation {
  const { classes, labels, joint, splits } = dataset;

  let trainLoss = 0;
  let trainHits = 0;
  for (const row of splits.train) {
    trainLoss += cost(row, labels[row]);
    if (guess(row) === labels[row]) trainHits++;
  }

  let testLoss = 0;
  let testHits = 0;
  let expectedHits = 0;
  for (const row of splits.test) {
    const guessed = guess(row);
    if (guessed === labels[row]) testHits++;
    if (joint === undefined) {
      testLoss += cost(row, labels[row]);
    } else {
      for (let y = 0; y < classes; y++) {
        const p = joint.pyx[row * classes + y];
        if (p > 0) testLoss += p * cost(row, y);
      }
      expectedHits += joint.pyx[row * classes + guessed];
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
