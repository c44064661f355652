/**
 * How much a layer forgets of the input: an analysis for Infoplane.
 *
 * For every net, layer and setting of an estimator, the largest I(X;T) over the snapshots less the last: 0 where information about the
 * input never falls.
 *
 * @module
 */
import {
  type Analysis,
  type AnalysisResult,
  defineAnalysis,
  definePlugin,
  type EstimateRow,
  NET_COLUMNS,
  type OptionsSchema,
  type PlantedCase,
  type Plugin,
  type Row,
  type StudyRows,
} from "@infoplane/core";
import { plantedNets, plantedPath, plantedRows } from "@infoplane/core/testing";
import { z } from "zod";

export type * from "@infoplane/core";

/** What can be set. */
export interface Options {
  /** Snapshots before it do not count as the largest. */
  readonly fromEpoch: number;
}

const options: OptionsSchema<Options> = z.strictObject({
  fromEpoch: z.number().int().min(0).default(0).describe("snapshots before it do not count as the largest"),
});

/** The analysis; see the module. */
export const analysis: Analysis<Options> = defineAnalysis({
  id: "acme/example",
  title: "What is forgotten of the input?",
  description: "Largest I(X;T) over the snapshots less the last, of every net and layer.",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted,
});

function reduce({ estimates }: StudyRows, { fromEpoch }: Options): AnalysisResult {
  const lines = new Map<string, EstimateRow[]>();
  for (const row of estimates) {
    if (row.ixt_bits === null || row.epoch < fromEpoch) continue;
    const name = JSON.stringify([row.trial, row.estimator, row.setting, row.probe, row.layer]);
    lines.set(name, [...lines.get(name) ?? [], row]);
  }
  return {
    tables: [{
      name: "forgotten",
      title: "Information about the input that layers gave up",
      columns: [
        ...NET_COLUMNS,
        { name: "probe", type: "string", unit: null, text: "Which rows were measured." },
        { name: "layer", type: "int32", unit: "1", text: "1…K, K the softmax output." },
        { name: "largest_epoch", type: "int32", unit: "epochs", text: "Where I(X;T) is largest, first if several." },
        {
          name: "forgotten_bits",
          type: "float64",
          unit: "bits",
          text: "The largest I(X;T) less that of the last snapshot.",
        },
      ],
      rows: [...lines.values()].map(rowOf),
    }],
    figures: [{
      id: "forgotten",
      title: "What layers forget of the input",
      caption: "Each dot is a net: the largest I(X;T) of a layer over the snapshots less that of the last.",
      alt: "Bits of I(X;T) given up by the last snapshot, of every net, by layer.",
      table: "forgotten",
      marks: [{ mark: "dot", x: "layer", y: "forgotten_bits", stroke: "arm", fx: "setting" }],
      scales: { x: { label: "layer" }, y: { label: "forgotten, bits" }, color: { scheme: "arm" } },
    }],
  };
}

/** @param line Rows of one net, layer and setting, by epoch. */
function rowOf(line: readonly EstimateRow[]): Row {
  const { trial, arm, axes, replicate, estimator, setting, probe, layer, ixt_bits: last } = line[line.length - 1];
  const largest = line.reduce((best, row) => row.ixt_bits! > best.ixt_bits! ? row : best);
  const forgotten = largest.ixt_bits! - last!;
  return {
    trial,
    arm,
    axes,
    replicate,
    estimator,
    setting,
    probe,
    layer,
    largest_epoch: largest.epoch,
    forgotten_bits: forgotten,
  };
}

/** What `infoplane check` holds it against: two nets of one layer that rises to 4 bits and gives up 1 of them, or none. */
function planted(): PlantedCase[] {
  const epochs = [0, 10, 20, 30];
  const rows = (fall: number) => {
    const path = plantedPath(epochs, { from: 1, rise: 3, peak: 10, fall, settle: 30 });
    return plantedRows(plantedNets(2, () => ({ ixt: [path], ity: [[0, 0, 0, 0]] })), { epochs });
  };
  return [
    {
      name: "two nets that forget a bit",
      truth: "positive",
      rows: rows(1),
      found: { forgotten: [{ replicate: 1, layer: 1, largest_epoch: 10, forgotten_bits: 1 }] },
      drawn: { forgotten: 2 },
    },
    {
      name: "two nets that forget nothing",
      truth: "null",
      rows: rows(0),
      found: { forgotten: [{ replicate: 1, layer: 1, forgotten_bits: 0 }] },
    },
  ];
}

/** What Infoplane loads. */
const plugin: Plugin = definePlugin({ name: "acme/example", version: "0.1.0", api: 1, analyses: [analysis] });
export default plugin;
