import { type Context, type Dataset, defineDataset, type LoadedDataset } from "@infoplane/core";
import { splitRows } from "@infoplane/core/random";
import { z } from "zod";

/** A matrix of weights, as numbers or as the text of a CSV file without a header. */
const matrix = z.union([z.array(z.array(z.number())), z.string().transform(rowsOfCsv)])
  .refine((rows) => rows.length >= 2, "must have two rows")
  .refine((rows) => rows.every(({ length }) => length === rows[0].length), "must have rows of one length")
  .refine((rows) => rows[0].length >= 2 && rows[0].length <= 255, "must have 2 to 255 columns")
  .refine((rows) => rows.flat().every((weight) => weight >= 0 && weight < Infinity), "must hold numbers >= 0")
  .refine((rows) => rows.filter((row) => sum(row) > 0).length >= 2, "must have two rows that occur");

const options = z.strictObject({
  joint: matrix.describe("p(x,y), a row for each x and a column for each label; or the same as the text of a CSV file"),
  counts: z.boolean().default(false).describe("the matrix holds counts: they are divided by their sum"),
  trainFraction: z.number().gt(0).lt(1).default(0.8).describe("share of the rows trained on"),
}).refine(({ joint, counts }) => counts || Math.abs(sum(joint.flat()) - 1) <= 1e-9, {
  path: ["joint"],
  message: "must sum to 1, unless counts is true",
});

type Options = z.infer<typeof options>;

/**
 * A joint distribution written down: row x of the matrix is the input whose x-th number is 1. Rows that never occur are left out.
 *
 * A replicate's labels are drawn from its stream `labels`, one uniform number an input in order; its split from `split`. A net is trained
 * on each input once an epoch, whatever p(x); all is measured under p(x).
 */
export const finiteJointDataset: Dataset<Options> = defineDataset({
  id: "finite-joint",
  title: "Finite joint distribution",
  description:
    "Inputs and labels of a joint distribution given as a matrix: each x is one unit that is on, and p(x) and p(y|x) " +
    "are exact.",
  version: 1,
  arithmetic: "portable",
  options,
  rights: "As given; cite where the matrix comes from.",
  load,
});

function load({ joint, trainFraction }: Options, { stream }: Context): LoadedDataset {
  const rows = joint.filter((row) => sum(row) > 0);
  const [n, classes, total] = [rows.length, rows[0].length, sum(rows.flat())];
  const px = Float64Array.from(rows, (row) => sum(row) / total);
  const pyx = Float64Array.from(rows.flatMap((row) => row.map((weight) => weight / sum(row))));
  const inputs = new Uint8Array(n * n);
  for (let x = 0; x < n; x++) inputs[x * n + x] = 1;
  const dealt = stream.child("labels");
  const labels = Uint8Array.from(rows, (row) => {
    let left = dealt.uniform() * sum(row);
    let label = 0;
    for (let y = 0; y < classes && left >= 0; y++) {
      if (row[y] > 0) label = y;
      left -= row[y];
    }
    return label;
  });
  return {
    inputs: { data: inputs, shape: [n, n] },
    labels,
    classes,
    splits: splitRows(n, trainFraction, stream.child("split")),
    joint: { px, pyx },
  };
}

function rowsOfCsv(text: string): number[][] {
  return text.trim().split(/\r?\n/).map((line) =>
    line.split(",").map((cell) => cell.trim() === "" ? NaN : Number(cell))
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
