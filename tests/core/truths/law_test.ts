import assert from "node:assert/strict";
import {
  additiveUniform,
  binormal,
  curveArcs,
  denseGaussian,
  drawOptions,
  embedded,
  finiteJoint,
  gaussianMixture,
  type Law,
  lawOptions,
  mapped,
  normalSign,
  overlappingUniforms,
  sparseGaussian,
  student,
  type Truth,
  truthOf,
} from "../../../core/truths/mod.ts";
import { readOptions } from "../../../core/execution/options.ts";

const JOINT = [[0.4, 0.1], [0.1, 0.4]];

/** Every family as a study names it, and the truth that it is. */
const FAMILIES: readonly (readonly [object, Truth])[] = [
  [{ family: "binormal", rho: 0.5 }, mapped(binormal(0.5), "identity", "identity")],
  [{ family: "binormal", rho: 0.5, mapX: "asinh", mapT: "wiggly" }, mapped(binormal(0.5), "asinh", "wiggly")],
  [{ family: "dense-gaussian", dimensions: 3 }, denseGaussian(3, 0.5)],
  [{ family: "sparse-gaussian", dimensions: 5, pairs: 2, rho: 0.8 }, sparseGaussian(5, 2, 0.8)],
  [{ family: "student", dimX: 2, dimT: 3, df: 4 }, student(2, 3, 4)],
  [{ family: "additive-uniform", epsilon: 0.1 }, additiveUniform(0.1)],
  [{ family: "additive-uniform", epsilon: 0.1, curve: "spiral" }, embedded(additiveUniform(0.1), "spiral")],
  [{ family: "gaussian-mixture", distance: 2, dimensions: 3 }, gaussianMixture(2, 3)],
  [{ family: "normal-sign", rho: 0.8 }, normalSign(0.8)],
  [{ family: "overlapping-uniforms", classes: 5 }, overlappingUniforms(5)],
  [{ family: "curve-arcs", curve: "swiss-roll", classes: 4, error: 0.1 }, curveArcs("swiss-roll", 4, 0.1)],
  [{ family: "finite-joint", joint: JOINT }, finiteJoint(JOINT)],
];

Deno.test("a law read from options is the truth of its family and parameters", () => {
  for (const [law, truth] of FAMILIES) {
    const read = readOptions(lawOptions, { law }, "the law") as unknown as { law: Law };
    const { kind, id, bits } = truthOf(read.law);
    assert.deepEqual([kind, id, bits], [truth.kind, truth.id, truth.bits]);
  }
});

Deno.test("options of a law refuse a family, a parameter or a number of rows that is none", () => {
  const refused = (options: object, line: RegExp) =>
    assert.throws(() => readOptions(drawOptions, options, 'dataset "law"'), line);
  refused({ law: { family: "binormal", rho: 1 } }, /Cannot read option "law.rho" of dataset "law".*it is 1/);
  refused(
    { law: { family: "binormal", rhoo: 0.5 } },
    /Cannot find option "law.rhoo" of dataset "law": did you mean "rho"/,
  );
  refused({ law: { family: "gauss" } }, /Cannot read option "law.family" of dataset "law".*it is "gauss"/);
  refused({ rows: 1 }, /Cannot read option "rows" of dataset "law"/);
});
