import {
  type Analysis,
  type AnalysisResult,
  defineAnalysis,
  type EstimateRow,
  NET_COLUMNS,
  type PlantedCase,
  type Row,
  type StudyRows,
  type Table,
} from "@infoplane/core";
import { median } from "@infoplane/core/claims";
import { plantedNets, plantedRows, together } from "@infoplane/core/testing";
import { z } from "zod";

const options = z.strictObject({});

/** Stands in the probe between the rows measured and the map they went through. */
const SEPARATOR = " · ";
/** What a projection leaves of a layer is another variable: it is none of these. */
const MAPS = ["rotation", "mixing", "monotone"];

/** By how many bits an estimate changes when a layer goes through an invertible map, under which information does not change. */
export const notInvariant: Analysis<Record<string, never>> = defineAnalysis({
  id: "not-invariant",
  title: "Change under invertible maps",
  description:
    "Mutual information does not change when a layer is turned, mixed or bent by an invertible map; estimates do. Each " +
    "measurement of a mapped layer against the same measurement of the layer as it is (Saxe et al., ICLR 2018).",
  version: 1,
  arithmetic: "portable",
  options,
  needs: {},
  reduce,
  planted,
});

function reduce({ estimates }: StudyRows): AnalysisResult {
  const measured = estimates.filter(({ status }) => status === "measured");
  const plain = new Map(measured.filter(({ probe }) => !probe.includes(SEPARATOR)).map((row) => [nameOf(row), row]));
  const rows = measured.flatMap((row): Row[] => {
    const [probe, map] = row.probe.split(SEPARATOR);
    const before = !MAPS.includes(map) ? undefined : plain.get(nameOf({ ...row, probe }));
    if (before === undefined) return [];
    const change = (after: number | null, own: number | null) => after === null || own === null ? null : after - own;
    return [{
      trial: row.trial,
      arm: row.arm,
      axes: row.axes,
      replicate: row.replicate,
      estimator: row.estimator,
      setting: row.setting,
      measurement: wordsOf(row),
      map,
      layer: row.layer,
      epoch: row.epoch,
      ixt_change_bits: change(row.ixt_bits, before.ixt_bits),
      ity_change_bits: change(row.ity_bits, before.ity_bits),
    }];
  });
  const largest = summary(rows);
  const table: Table = {
    name: "map-changes",
    title: "Change of every estimate under invertible maps",
    columns: [
      ...NET_COLUMNS,
      { name: "measurement", type: "string", unit: null, text: "Estimator and options in words." },
      { name: "map", type: "string", unit: null, text: "The invertible map: rotation, mixing or monotone." },
      { name: "layer", type: "int32", unit: "1", text: "1…K, K the output." },
      { name: "epoch", type: "int32", unit: "epochs", text: "Passes over the training set." },
      ...(["ixt", "ity"] as const).map((chain) => ({
        name: `${chain}_change_bits`,
        type: "float64" as const,
        unit: "bits",
        text: `Estimate of ${
          chain === "ixt" ? "I(X;T)" : "I(T;Y)"
        } of the mapped layer minus that of the layer; the truth is 0.`,
        nullable: true,
      })),
    ],
    rows,
  };
  const figure = {
    id: "map-changes",
    title: "Information does not change under invertible maps; estimates do",
    caption:
      "Each dot is a layer of a net at a snapshot: the estimate of I(X;T) after the map minus before. The truth is 0. " +
      "Distances, and so pair bounds and neighbours, survive a rotation; bins do not; nothing but distinct values survives all three.",
    alt:
      "Change in bits of each estimate of encoder information under rotation, mixing and monotone maps, by estimator.",
    table: table.name,
    marks: [
      { mark: "rule-x" as const, values: [0], stroke: "muted" },
      { mark: "dot" as const, x: "ixt_change_bits", y: "measurement", stroke: "arm", fx: "map" },
    ],
    scales: {
      x: { label: "change of I(X;T), bits" },
      y: { label: "", type: "ordinal" as const },
      color: { scheme: "arm" as const },
    },
  };
  return { tables: [table, largest], figures: rows.length === 0 ? [] : [figure] };
}

function nameOf({ trial, axes, arm, estimator, setting, probe, epoch, layer }: EstimateRow): string {
  return JSON.stringify([trial, arm, axes, estimator, setting, probe, epoch, layer]);
}

function wordsOf({ estimator, setting }: EstimateRow): string {
  const given = JSON.parse(setting) as { [option: string]: unknown };
  const words = Object.entries(given).map(([key, value]) =>
    `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`
  );
  return [estimator, ...words].join(" ");
}

/** By measurement and map: middle and largest absolute change over nets, layers and snapshots. */
function summary(rows: readonly Row[]): Table {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = JSON.stringify([row.measurement, row.map]);
    groups.set(name, [...groups.get(name) ?? [], row]);
  }
  const of = (group: readonly Row[], column: string) =>
    group.flatMap((row) => row[column] === null ? [] : [Math.abs(row[column] as number)]);
  return {
    name: "map-change-summary",
    title: "How much each estimator changes under each map",
    columns: [
      { name: "measurement", type: "string", unit: null, text: "Estimator and options in words." },
      { name: "map", type: "string", unit: null, text: "The invertible map." },
      { name: "n", type: "int32", unit: "1", text: "Layers of nets at snapshots." },
      ...(["ixt", "ity"] as const).flatMap((chain) =>
        (["median", "largest"] as const).map((what) => ({
          name: `${chain}_${what}_bits`,
          type: "float64" as const,
          unit: "bits",
          text: `${what === "median" ? "Median" : "Largest"} absolute change of ${
            chain === "ixt" ? "I(X;T)" : "I(T;Y)"
          }.`,
          nullable: true,
        }))
      ),
    ],
    rows: [...groups.values()].map((group): Row => {
      const [ixt, ity] = [of(group, "ixt_change_bits"), of(group, "ity_change_bits")];
      return {
        measurement: group[0].measurement,
        map: group[0].map,
        n: group.length,
        ixt_median_bits: ixt.length ? median(ixt) : null,
        ixt_largest_bits: ixt.length ? Math.max(...ixt) : null,
        ity_median_bits: ity.length ? median(ity) : null,
        ity_largest_bits: ity.length ? Math.max(...ity) : null,
      };
    }),
  };
}

/** Two nets whose estimates rise by 0.5 and 0.25 bit under a rotation, or stay. */
function planted(): PlantedCase[] {
  const turned = (ixt: number, ity: number) => {
    const plain = plantedRows(plantedNets(2, () => ({ ixt: [[3, 2]], ity: [[0.5, 0.75]] })), { epochs: [0, 10] });
    const estimates = plain.estimates.map((row) => ({
      ...row,
      probe: `${row.probe}${SEPARATOR}rotation`,
      ixt_bits: row.ixt_bits! + ixt,
      ity_bits: row.ity_bits! + ity,
    }));
    return together(plain, { ...plain, estimates });
  };
  const found = (ixt: number, ity: number) => ({
    "map-change-summary": [{ map: "rotation", n: 4, ixt_median_bits: ixt, ity_largest_bits: ity }],
  });
  return [
    { name: "estimates that a rotation moves", truth: "positive", rows: turned(0.5, 0.25), found: found(0.5, 0.25) },
    { name: "estimates that it does not", truth: "null", rows: turned(0, 0), found: found(0, 0) },
  ];
}
