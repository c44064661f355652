import type { Analysis, Claim, EstimateRow, StudyRows } from "@infoplane/core";
import {
  type PlantedNet,
  plantedRows as rowsOf,
  type PlantedSetting,
  root,
  testContext,
} from "@infoplane/core/testing";

export type { PlantedNet } from "@infoplane/core/testing";

/** The rows of a study whose paths are known, measured by 30 bins on [−1, 1] unless told. */
export function plantedRows(
  nets: readonly PlantedNet[],
  { estimator = "binning", setting = '{"count":30,"range":[-1,1]}', arithmetic = "portable", ...given }:
    & Omit<PlantedSetting, "options">
    & { readonly setting?: string; readonly arithmetic?: EstimateRow["arithmetic"] },
): StudyRows {
  const rows = rowsOf(nets, { ...given, estimator, options: JSON.parse(setting) });
  return { ...rows, estimates: rows.estimates.map((row) => ({ ...row, arithmetic })) };
}

/** Runs an analysis with its default options on planted rows and gives its claim. */
export async function claimFrom(analysis: Analysis<never>, rows: StudyRows, options: object = {}): Promise<Claim> {
  const [claim] = (await reduceOf(analysis, rows, options)).claims ?? [];
  return claim;
}

/** Runs an analysis on planted rows. */
export async function reduceOf(analysis: Analysis<never>, rows: StudyRows, options: object = {}) {
  const { ctx } = testContext(root(1).child("analysis", analysis.id));
  const read = analysis.options["~standard"].validate(options) as { value: never };
  return await analysis.reduce(rows, read.value, ctx);
}
