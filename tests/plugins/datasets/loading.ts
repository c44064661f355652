import type { Dataset, LoadedDataset } from "../../../core/contracts/dataset.ts";
import { checkDataset } from "../../../core/execution/checks.ts";
import { packDataset, unpackDataset } from "../../../core/execution/messages.ts";
import { readOptions } from "../../../core/execution/options.ts";
import { root, testContext } from "../../../core/testing.ts";

/** Options after defaults, as the command line and studies read them. */
export function readDatasetOptions(dataset: Pick<Dataset, "id" | "options">, given: unknown): unknown {
  return readOptions(dataset.options, given, `dataset "${dataset.id}"`);
}

/** The dataset of a replicate, as a slot loads, checks and sends it. */
export function loadAsSent<Options>(dataset: Dataset<Options>, given: unknown = {}, replicate = 0): LoadedDataset {
  const { ctx } = testContext(root(2018).child("replicate", replicate));
  const read = readDatasetOptions(dataset as Dataset, given);
  const { value } = dataset.options["~standard"].validate(read) as { value: Options };
  const loaded = dataset.load(value, ctx) as LoadedDataset;
  checkDataset(loaded, dataset.id);
  const { packed, parts } = packDataset(loaded);
  return unpackDataset(JSON.parse(JSON.stringify(packed)), parts);
}
