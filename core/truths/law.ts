import { z } from "zod";
import type { OptionsSchema } from "../contracts/options.ts";
import { type Curve, curveArcs, embedded } from "./curves.ts";
import { finiteJoint } from "./finite_joint.ts";
import { binormal, denseGaussian, sparseGaussian } from "./gaussian.ts";
import { mapped, MONOTONE_MAPS, type MonotoneMap } from "./maps.ts";
import { gaussianMixture } from "./mixture.ts";
import { normalSign } from "./normal_sign.ts";
import { student } from "./student.ts";
import type { Truth } from "./truth.ts";
import { additiveUniform, overlappingUniforms } from "./uniform.ts";

/** A truth as data: a family of laws and its parameters, as a study names them. */
export type Law =
  | { readonly family: "binormal"; readonly rho: number; readonly mapX: MonotoneMap; readonly mapT: MonotoneMap }
  | { readonly family: "dense-gaussian"; readonly dimensions: number; readonly covariance: number }
  | { readonly family: "sparse-gaussian"; readonly dimensions: number; readonly pairs: number; readonly rho: number }
  | { readonly family: "student"; readonly dimX: number; readonly dimT: number; readonly df: number }
  | { readonly family: "additive-uniform"; readonly epsilon: number; readonly curve: Curve | "line" }
  | { readonly family: "gaussian-mixture"; readonly distance: number; readonly dimensions: number }
  | { readonly family: "normal-sign"; readonly rho: number }
  | { readonly family: "overlapping-uniforms"; readonly classes: number }
  | { readonly family: "curve-arcs"; readonly curve: Curve; readonly classes: number; readonly error: number }
  | { readonly family: "finite-joint"; readonly joint: readonly (readonly number[])[] };

const dimensions = z.number().int().min(1).max(1024).describe(
  "of each side; of each point, where the other is a label",
);
const correlation = z.number().gt(-1).lt(1).describe("correlation, in (-1, 1)");
const classes = z.number().int().min(2).max(255).describe("number of labels");
const curve = z.enum(["spiral", "swiss-roll"]).describe("wound twice: spiral in the plane, swiss-roll in space");
const map = z.enum(Object.keys(MONOTONE_MAPS) as [MonotoneMap, ...MonotoneMap[]]).default("identity")
  .describe("what one side goes through, which changes no information");

const families = z.discriminatedUnion("family", [
  z.strictObject({ family: z.literal("binormal"), rho: correlation, mapX: map, mapT: map }),
  z.strictObject({
    family: z.literal("dense-gaussian"),
    dimensions,
    covariance: z.number().min(0).lt(1).default(0.5).describe("of any two variables"),
  }),
  z.strictObject({
    family: z.literal("sparse-gaussian"),
    dimensions,
    pairs: z.number().int().min(0).max(1024).describe("how many dimensions tell something"),
    rho: correlation,
  }),
  z.strictObject({
    family: z.literal("student"),
    dimX: dimensions,
    dimT: dimensions,
    df: z.number().int().min(1).max(1000).describe("degrees of freedom: the fewer, the heavier the tails"),
  }),
  z.strictObject({
    family: z.literal("additive-uniform"),
    epsilon: z.number().positive().describe("T = X + U, U uniform on [-epsilon, epsilon]"),
    curve: z.enum(["line", "spiral", "swiss-roll"]).default("line").describe("what X is put on"),
  }),
  z.strictObject({
    family: z.literal("gaussian-mixture"),
    distance: z.number().nonnegative().max(1000).describe("of the means, in standard deviations"),
    dimensions: dimensions.default(1),
  }),
  z.strictObject({ family: z.literal("normal-sign"), rho: correlation }),
  z.strictObject({ family: z.literal("overlapping-uniforms"), classes }),
  z.strictObject({
    family: z.literal("curve-arcs"),
    curve,
    classes,
    error: z.number().min(0).max(1).describe("probability that a label is another"),
  }),
  z.strictObject({
    family: z.literal("finite-joint"),
    joint: z.array(z.array(z.number().nonnegative()).min(2).max(255)).min(2).describe("p(t,y), a row for each t"),
  }),
]);

const law = families.default({ family: "binormal", rho: 0.75, mapX: "identity", mapT: "identity" }).describe(
  `a family with its parameters: ${families.options.map(({ shape }) => wordsOf(shape)).join("; ")}`,
);

function wordsOf({ family, ...parameters }: { readonly family: z.ZodLiteral<string> }): string {
  return `${family.value} (${Object.keys(parameters).join(", ")})`;
}

/** Options of what knows a law. */
export interface LawOptions {
  /** The law. */
  readonly law: Law;
}

/** Options of what draws rows from a law. */
export interface DrawOptions extends LawOptions {
  /** Rows drawn. */
  readonly rows: number;
}

/** The schema of {@link LawOptions}. */
export const lawOptions: OptionsSchema<LawOptions> = z.strictObject({ law });

/** The schema of {@link DrawOptions}. */
export const drawOptions: OptionsSchema<DrawOptions> = z.strictObject({
  law,
  rows: z.number().int().min(2).max(1_000_000).default(1000).describe("rows drawn"),
});

/**
 * The truth that a law names.
 *
 * @throws {RangeError} If its parameters do not go together.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const independent = truthOf({ family: "binormal", rho: 0, mapX: "identity", mapT: "wiggly" });
 * assert.equal(Math.abs(independent.bits), 0);
 * ```
 */
export function truthOf(law: Law): Truth {
  switch (law.family) {
    case "binormal":
      return mapped(binormal(law.rho), law.mapX, law.mapT);
    case "dense-gaussian":
      return denseGaussian(law.dimensions, law.covariance);
    case "sparse-gaussian":
      return sparseGaussian(law.dimensions, law.pairs, law.rho);
    case "student":
      return student(law.dimX, law.dimT, law.df);
    case "additive-uniform": {
      const line = additiveUniform(law.epsilon);
      return law.curve === "line" ? line : embedded(line, law.curve);
    }
    case "gaussian-mixture":
      return gaussianMixture(law.distance, law.dimensions);
    case "normal-sign":
      return normalSign(law.rho);
    case "overlapping-uniforms":
      return overlappingUniforms(law.classes);
    case "curve-arcs":
      return curveArcs(law.curve, law.classes, law.error);
    case "finite-joint":
      return finiteJoint(law.joint);
  }
}
