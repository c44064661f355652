/**
 * Laws whose mutual information is known, to draw samples and datasets from: what estimators are calibrated and checked on.
 *
 * @module
 */
import { curveArcs, embedded } from "./curves.ts";
import { finiteJoint } from "./finite_joint.ts";
import { binormal, denseGaussian, sparseGaussian } from "./gaussian.ts";
import { mapped } from "./maps.ts";
import { gaussianMixture } from "./mixture.ts";
import { normalSign } from "./normal_sign.ts";
import { student } from "./student.ts";
import type { Truth } from "./truth.ts";
import { additiveUniform, overlappingUniforms } from "./uniform.ts";

export type { Sample, SampleMeta } from "../contracts/estimator.ts";
export type { Joint, LoadedDataset } from "../contracts/dataset.ts";
export type { Stream } from "../contracts/stream.ts";
export type { Tensor } from "../contracts/tensor.ts";
export { type Curve, curveArcs, embedded } from "./curves.ts";
export { finiteJoint } from "./finite_joint.ts";
export { binormal, denseGaussian, sparseGaussian } from "./gaussian.ts";
export { type DrawOptions, drawOptions, type Law, type LawOptions, lawOptions, truthOf } from "./law.ts";
export { mapped, MONOTONE_MAPS, type MonotoneMap } from "./maps.ts";
export { gaussianMixture } from "./mixture.ts";
export { normalSign } from "./normal_sign.ts";
export { student } from "./student.ts";
export { drawDataset, drawSample, type LabelTruth, type PairTruth, type Truth } from "./truth.ts";
export { additiveUniform, overlappingUniforms } from "./uniform.ts";

/** The truths to calibrate on: light and heavy tails, few and many dimensions, other marginals, curves, labels. */
export const TRUTHS: readonly Truth[] = [
  binormal(0.75),
  mapped(binormal(0.75), "asinh", "asinh"),
  mapped(binormal(0.75), "half-cube", "half-cube"),
  mapped(binormal(0.75), "wiggly", "wiggly"),
  ...[2, 3, 5, 25, 50].map((d) => denseGaussian(d)),
  ...[2, 5, 16].map((d) => sparseGaussian(d, 2, 0.8)),
  additiveUniform(0.1),
  additiveUniform(0.75),
  embedded(additiveUniform(0.1), "spiral"),
  embedded(additiveUniform(0.1), "swiss-roll"),
  student(2, 2, 1),
  student(3, 3, 2),
  finiteJoint([[0.4, 0.1], [0.1, 0.4]]),
  gaussianMixture(2),
  gaussianMixture(20),
  normalSign(0.8),
  overlappingUniforms(5),
  curveArcs("spiral", 4, 0.1),
];
