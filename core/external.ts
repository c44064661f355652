/**
 * Estimators in other languages: a program that reads arrays on standard input and answers in JSON, as core/EXTERNAL.md describes.
 *
 * @module
 */
import type { Context } from "./contracts/context.ts";
import type { Estimate, Estimator, Sample, SampleMeta } from "./contracts/estimator.ts";
import type { JsonObject } from "./contracts/tensor.ts";
import { whyMisshapen, whyNotFinite } from "./contracts/unfit.ts";
import { externalProgram } from "./execution/external_program.ts";

export type { Context } from "./contracts/context.ts";
export type { Estimate, Estimator, EstimatorClaims, Sample, SampleMeta } from "./contracts/estimator.ts";
export type { OptionsSchema } from "./contracts/options.ts";

/** An estimator whose numbers another program gives. */
export interface ExternalDescription<Options> extends
  Pick<
    Estimator<Options>,
    "id" | "title" | "description" | "version" | "options" | "claims" | "usesReference"
  > {
  /**
   * The program and its arguments: `["python3", import.meta.dirname + "/estimator.py"]`. The plugin may start it where the user grants it by
   * this name, `allow: { run: ["python3"] }`.
   */
  readonly command: readonly [program: string, ...args: string[]];
  /** A silence of so many seconds, while it is asked, ends the program; 60 unless told. */
  readonly seconds?: number;
  /** True, or the reason why this sample cannot be measured with these options; true unless told. */
  supports?(meta: SampleMeta, options: Options): true | string;
}

/** An estimator, and the end of its program where no slot ends it: in tests. */
export interface ExternalEstimator<Options> extends Estimator<Options> {
  /** Ends the program, if it runs. */
  end(): Promise<void>;
}

/**
 * An estimator that asks a program in another language. The program is started when it is first asked, in the slot, and answers until the
 * slot ends. Its rows say `host`.
 *
 * Samples whose parts do not fit, or that hold NaN or infinity, do not reach it. Where the program is not granted or not installed, or says
 * that it lacks something, samples are skipped with that reason.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const knn = defineExternalEstimator({
 *   id: "acme/knn",
 *   title: "Neighbours in Julia",
 *   description: "I(T;Y) by the k-th neighbour.",
 *   version: 1,
 *   command: ["julia", "knn.jl"],
 *   options: z.strictObject({ k: z.number().int().min(1).default(3) }),
 *   claims: {},
 * });
 * assert.equal(knn.arithmetic, "host");
 * ```
 */
export function defineExternalEstimator<Options>(
  description: ExternalDescription<Options>,
): ExternalEstimator<Options> {
  const { command: [name, ...args], seconds = 60, supports = () => true, ...described } = description;
  const program = externalProgram(args, seconds);

  async function estimate(sample: Sample, options: Options, ctx: Context): Promise<Estimate> {
    const unfit = whyMisshapen(sample) ?? whyNotFinite(sample);
    if (unfit !== undefined) return { status: "failed", reason: unfit };
    const path = ctx.programs?.[name];
    if (path === undefined) {
      return lacking(
        `${name} is not granted: name it in the configuration, allow: { run: ["${name}"] }, or by --allow-run ${name}`,
      );
    }
    if (path === null) return lacking(`${name} is not installed: install it, or grant it by its path`);
    const seed = ctx.stream.child("program", sample.layer).integer(0x8000_0000);
    return await program.ask(path, { estimator: described.id, options: options as JsonObject, sample, seed }, ctx);
  }

  return { ...described, arithmetic: "host", supports, estimate, end: () => program.end() };
}

function lacking(reason: string): Estimate {
  return { status: "skipped", reason, unavailable: true };
}
