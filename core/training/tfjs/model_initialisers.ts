import type { ParameterInitialiser } from "../../contracts/model_net.ts";
import type { JsonObject } from "../../contracts/tensor.ts";

interface Config {
  readonly value: number;
  readonly gain: number;
  readonly mean: number;
  readonly stddev: number;
  readonly minval: number;
  readonly maxval: number;
  readonly scale: number;
  readonly mode: "fan_in" | "fan_out" | "fan_avg";
  readonly distribution: "normal" | "uniform";
}

const KNOWN: { readonly [name: string]: (config: Config, shape: readonly number[]) => ParameterInitialiser } = {
  Zeros: () => ({ distribution: "constant", value: 0 }),
  Ones: () => ({ distribution: "constant", value: 1 }),
  Constant: ({ value }) => ({ distribution: "constant", value }),
  Identity: ({ gain }) => ({ distribution: "identity", gain }),
  RandomNormal: ({ mean, stddev }) => ({ distribution: "normal", sigma: stddev, centre: mean }),
  TruncatedNormal: ({ mean, stddev }) => ({ distribution: "truncated-normal", sigma: stddev, centre: mean }),
  RandomUniform: ({ minval, maxval }) => ({
    distribution: "uniform",
    limit: (maxval - minval) / 2,
    centre: (maxval + minval) / 2,
  }),
  VarianceScaling({ scale, mode, distribution }, shape) {
    const [fanIn, fanOut] = fans(shape);
    const fan = { fan_in: fanIn, fan_out: fanOut, fan_avg: (fanIn + fanOut) / 2 }[mode];
    const variance = scale / Math.max(1, fan);
    return distribution === "normal"
      ? { distribution: "truncated-normal", sigma: Math.sqrt(variance) }
      : { distribution: "uniform", limit: Math.sqrt(3 * variance) };
  },
};

/**
 * How our streams draw what an initialiser of tfjs describes: constants, the identity, normal, truncated normal, uniform, and the
 * scaled ones of Glorot, He and LeCun (`VarianceScaling`; as in tfjs, σ is that before truncation at two σ).
 *
 * @param given `{ class_name, config }` from the model's topology.
 * @param subject What a refusal begins with.
 * @throws {RangeError} If it is none of these.
 *
 * @example He's normal weights
 * ```ts
 * import assert from "node:assert/strict";
 * const he = { class_name: "VarianceScaling", config: { scale: 2, mode: "fan_in", distribution: "normal" } };
 * assert.deepEqual(parameterInitialiser(he, [8, 3], "Cannot"), { distribution: "truncated-normal", sigma: 0.5 });
 * ```
 */
export function parameterInitialiser(
  given: JsonObject | undefined,
  shape: readonly number[],
  subject: string,
): ParameterInitialiser {
  const name = String(given?.class_name);
  if (!Object.hasOwn(KNOWN, name)) {
    throw new RangeError(
      `${subject} must start as one of ${Object.keys(KNOWN).join(", ")} (Glorot, He and LeCun are VarianceScaling): ` +
        `it says ${name}`,
    );
  }
  if (name === "Identity" && !(shape.length === 2 && shape[0] === shape[1])) {
    throw new RangeError(`${subject} must be square to start as Identity: it is [${shape.join(", ")}]`);
  }
  return KNOWN[name](given!.config as unknown as Config, shape);
}

/** Numbers that a unit takes in and hands out: a matrix [in, out], or filters [extents…, in, out]. */
function fans(shape: readonly number[]): [fanIn: number, fanOut: number] {
  if (shape.length < 2) return [shape[0], shape[0]];
  const field = shape.slice(0, -2).reduce((a, b) => a * b, 1);
  return [field * shape[shape.length - 2], field * shape[shape.length - 1]];
}
