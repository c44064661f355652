import type { Dataset, LoadedDataset } from "@infoplane/core";
import assert from "node:assert/strict";
import { z } from "zod";
import { checkDataset } from "../../../core/execution/checks.ts";
import { type PackedDataset, unpackDataset } from "../../../core/execution/messages.ts";
import { createWork } from "../../../core/execution/work.ts";

/** A slot's work on one dataset, of so many values a row, that counts how often it is loaded. */
function counted(values: number) {
  const loads: number[] = [];
  const dataset: Dataset = {
    ...{
      id: "acme/counted",
      title: "Counted",
      description: "Counts its loads.",
      version: 1,
      arithmetic: "portable",
      options: z.strictObject({}),
    },
    load(_, { stream }) {
      loads.push(stream.integer(1000));
      return {
        inputs: { data: new Uint8Array(4 * values), shape: [4, values], scale: 1 / 255, offset: 0 },
        labels: Uint8Array.of(0, 1, 0, 1),
        classes: 2,
        splits: { train: Uint32Array.of(0, 1), test: Uint32Array.of(2, 3) },
      };
    },
  };
  const plugin = { api: 1, name: "acme/counting", version: "1.0.0", datasets: [dataset] };
  const work = createWork(plugin, { data: { folders: [] }, programs: {}, log: () => {} } as never);
  const ask = (replicate: number, withoutInputs?: true) =>
    work.do(
      { verb: "dataset", dataset: { id: "acme/counted", options: {} }, chance: { seed: 1, replicate }, withoutInputs },
      [],
      () => Promise.resolve(),
    );
  return { ask, loads };
}

Deno.test("a dataset asked for without its inputs says their shape alone, and all else", async () => {
  const { ask } = counted(5);
  const facts = async (withoutInputs?: true): Promise<LoadedDataset> => {
    const { value, parts } = await ask(0, withoutInputs);
    return unpackDataset(value as unknown as PackedDataset, parts!);
  };
  const [whole, without] = [await facts(), await facts(true)];
  assert.equal(whole.inputs.data.length, 20);
  assert.deepEqual(without, { ...whole, inputs: { ...whole.inputs, data: new Uint8Array(0) } });
  checkDataset(without, "counted", true);
  assert.throws(() => checkDataset(without, "counted"), /inputs must hold 20 values: they hold 0/);
});

Deno.test("a slot keeps two small datasets for later requests, and a large one alone", async () => {
  const small = counted(5);
  for (const replicate of [0, 1, 0, 1]) await small.ask(replicate, true);
  assert.equal(small.loads.length, 2);
  const large = counted(2 ** 25);
  for (const replicate of [0, 0, 1, 1, 0]) await large.ask(replicate, true);
  assert.equal(large.loads.length, 3);
});
