import { type Dataset, defineDataset } from "@infoplane/core";
import { curveArcs, drawDataset } from "@infoplane/core/truths";
import { z } from "zod";

const options = z.strictObject({
  curve: z.enum(["spiral", "swiss-roll"]).default("spiral")
    .describe("spiral: in the plane; swiss-roll: in space, with a height that carries nothing"),
  turns: z.number().gt(0).max(100).default(2).describe("how often the curve winds"),
  classes: z.number().int().min(2).max(255).default(2).describe("equal arcs of the curve, which are the labels"),
  error: z.number().min(0).max(1).default(0.1).describe("probability that a label is another, any of them alike"),
  rows: z.number().int().min(2).max(1_000_000).default(2000).describe("points drawn"),
  trainFraction: z.number().gt(0).lt(1).default(0.8).describe("share of the rows trained on"),
});

type Options = z.infer<typeof options>;

/** One variable wound up in the plane or in space; the label is the arc, through a symmetric channel of known capacity. */
export const curveArcsDataset: Dataset<Options> = defineDataset({
  id: "curve-arcs",
  title: "Arcs of a spiral",
  description:
    "Points of a spiral or a swiss roll, labelled by the arc they lie on, some labels wrong: one variable in two " +
    "or three dimensions, of which I(X;Y) = log₂ K − h(e) − e log₂(K − 1) is known.",
  version: 1,
  arithmetic: "portable",
  options,
  rights: "Computed; no data of others.",
  load: ({ curve, turns, classes, error, rows, trainFraction }, { stream }) =>
    drawDataset(curveArcs(curve, classes, error, turns), rows, trainFraction, stream),
});
