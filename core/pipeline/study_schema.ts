import { z } from "zod";
import type { OptionsSchema } from "../contracts/options.ts";
import { whyNewer } from "../contracts/newer.ts";
import { Problem } from "../contracts/problem.ts";
import type { Study, Training } from "../contracts/study.ts";
import { readOptions } from "../execution/options.ts";

const FORMAT = 1;

const id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*(\/[a-z0-9]+(-[a-z0-9]+)*)?$/, "must be kebab-case");
const json = z.json();
const object = z.record(z.string(), json);
const count = z.number().int().min(1);
const rate = z.number().positive();

const choice = z.strictObject({ id, options: object.optional() });

const weightDecay = z.number().min(0).optional();
const optimiser = z.discriminatedUnion("id", [
  z.strictObject({ id: z.literal("sgd"), rate, momentum: z.number().min(0).lt(1).optional(), weightDecay }),
  z.strictObject({
    id: z.literal("adam"),
    rate,
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    epsilon: z.number().positive().default(1e-8),
    weightDecay,
  }),
  z.strictObject({ id: z.literal("langevin"), rate, temperature: z.number().min(0), weightDecay }),
  z.strictObject({ id: z.literal("recorded") }),
]);

const training = z.strictObject({
  optimiser,
  batch: z.union([count, z.literal("full")]),
  partialBatch: z.enum(["use", "drop"]).default("use"),
  epochs: z.number().int().min(0),
}).refine(({ optimiser, batch }) => optimiser.id !== "langevin" || batch === "full", {
  path: ["batch"],
  message: "Langevin dynamics needs the full batch",
});

const patch = z.strictObject({
  role: z.enum(["main", "control", "variant"]).optional(),
  title: z.string().optional(),
  replicates: count.optional(),
  dataset: object.optional(),
  architecture: object.optional(),
  training: object.optional(),
});

const probe = z.enum(["all", "train", "test"]);
const projection = z.discriminatedUnion("onto", [
  z.strictObject({ onto: z.literal("pool"), grid: count }),
  z.strictObject({ onto: z.literal("components"), dimensions: count }),
]);
const patches = z.record(z.string(), json);

/** The schema of a study, version 1; its JSON Schema is published as `schemas/study.v1.json`. */
export const studySchema = z.strictObject({
  format: z.literal(FORMAT),
  id,
  title: z.string().min(1),
  description: z.string().optional(),
  seed: z.number().int(),
  base: z.strictObject({ dataset: choice, architecture: choice, training }),
  arms: z.record(id, patch).optional(),
  axes: z.array(z.strictObject({
    path: z.string(),
    values: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
  })).optional(),
  replicates: count,
  measure: z.array(z.strictObject({
    estimator: id,
    options: object.optional(),
    on: probe.optional(),
    probes: z.int().min(2).optional(),
    transform: z.enum(["rotation", "mixing", "monotone"]).optional(),
    projection: projection.optional(),
    perDecade: z.union([1, 2, 4, 5, 8, 10, 20, 40].map((divisor) => z.literal(divisor))).optional(),
  })),
  analyses: z.array(choice),
  profiles: z.strictObject({ smoke: patches, quick: patches, full: patches }),
});

/**
 * Reads a study from data that may be anything; defaults of training are filled in.
 *
 * @throws {Problem} Naming the property that is unknown, missing or of the wrong type.
 */
export function readStudy(value: unknown): Study {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Problem(`Cannot read the study as it must be an object: it is ${value === null ? "null" : typeof value}`);
  }
  const { id: name, format } = value as { id?: unknown; format?: unknown };
  const owner = typeof name === "string" ? `study "${name}"` : "the study";
  if (typeof format === "number" && format > FORMAT) {
    throw new Problem(`Cannot read ${owner} as ${whyNewer(FORMAT, format, "its format")}`);
  }
  return readOptions(studySchema as OptionsSchema<unknown>, value, owner) as unknown as Study;
}

/**
 * Reads how an arm trains.
 *
 * @throws {Problem} Naming the property that does not fit.
 */
export function readTraining(value: unknown, owner: string): Training {
  return readOptions(training as OptionsSchema<unknown>, value, owner) as unknown as Training;
}
