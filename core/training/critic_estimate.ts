import type { Context } from "../contracts/context.ts";
import type { Estimate, Sample, SampleMeta } from "../contracts/estimator.ts";
import type { Kernels } from "../kernels/mod.ts";
import { firstOdd, isConstant, realRows } from "../numerics/real_rows.ts";
import { saturatedFraction } from "../numerics/saturation.ts";
import { criticInformation, type CriticMethod, type CriticOptions } from "./critic.ts";

/** A value within this of the ceiling says little but that the ceiling is too low. */
const NEAR_CEILING_BITS = 0.5;

/** True, or why a critic cannot be trained on so few rows. */
export function supportsCritic({ n }: SampleMeta, { batch }: CriticOptions): true | string {
  const fifth = Math.floor(n / 5);
  return fifth >= batch || `a fifth of the rows is held out and must fill a batch of ${batch}: it has ${fifth}`;
}

/**
 * An estimator of I(X;T) by a critic, as a plugin returns it: the bound on held-out rows, two standard errors to each side.
 *
 * @param ceilingBits The largest value the bound can take, given the number of rows that are the whole population, if they are.
 */
export async function estimateByCritic(
  kernels: Kernels,
  { inputs, activations, labels, joint, layer, meta }: Sample,
  method: CriticMethod,
  options: CriticOptions,
  ceilingBits: (population: number | undefined) => number | null,
  ctx: Context,
): Promise<Estimate> {
  const skipped = (reason: string): Estimate => ({ status: "skipped", reason });
  if (inputs === undefined) return skipped("the inputs are not given: a critic looks at pairs of x and t");
  if (joint?.px.some((p) => p !== joint.px[0])) {
    return skipped("rows of unequal probability: a critic draws rows alike");
  }
  const odd = firstOdd(activations.data, meta.units);
  if (odd) {
    const at = `layer ${layer}, row ${odd.row}, unit ${odd.column}`;
    return { status: "failed", reason: `activations must be finite: ${at} is ${odd.value}` };
  }
  const rows = [labels.length, inputs.shape[0], activations.shape[0]];
  if (rows.some((n) => n !== meta.n)) {
    throw new TypeError(
      `Cannot train a critic as labels, inputs and activations must have ${meta.n} rows: they have ${rows.join(", ")}`,
    );
  }
  const [x, t] = [realRows(inputs, "X"), realRows(activations, "T")];
  if (isConstant(x)) return skipped("X is constant: there is nothing to know");
  const found = await criticInformation(kernels, x, t, method, options, meta.exactJoint ? 1 / meta.n : 0, ctx);
  const { bits, standardErrorBits, steps, heldOut } = found;
  const ceiling = ceilingBits(meta.exactJoint ? meta.n : undefined);
  const nearCeiling = ceiling !== null && bits > ceiling - NEAR_CEILING_BITS;
  return {
    status: "measured",
    ixt: { bits, low: bits - 2 * standardErrorBits, high: bits + 2 * standardErrorBits },
    ity: null,
    ceilingBits: ceiling,
    saturated: saturatedFraction(activations.data, meta.activation),
    diagnostics: { heldOut, standardErrorBits, steps, ...(nearCeiling ? { nearCeiling } : {}) },
    reason: "no I(T;Y): the critic looks at X and T",
  };
}
