import type { Activation } from "../contracts/architecture.ts";
import type { Estimate } from "../contracts/estimator.ts";
import { EXIT, Problem } from "../contracts/problem.ts";
import { readEstimates } from "../execution/checks.ts";
import { bytesOf, packTensor } from "../execution/messages.ts";
import type { Resampling } from "../measuring/resampling.ts";
import { plain, resolveItem } from "../pipeline/plan.ts";
import { canonical } from "../store/canonical.ts";
import { type LayerSource, readLayers, readRows, type Rows } from "./estimate_input.ts";
import { readItemArgument } from "./setting.ts";
import { columns } from "./text.ts";
import { type CommonOptions, openWorkspace } from "./workspace.ts";

/** `estimate`: I(X;T) and I(T;Y) of activations in files, a layer or a folder of epochs, by several estimators. */
export async function estimate(
  options: CommonOptions & {
    activations: string[];
    labels?: string;
    pyx?: string;
    inputs?: string;
    estimator?: string[];
    activation?: Activation;
    interval?: Resampling["interval"];
    permutations?: number;
  },
): Promise<void> {
  const known = await readRows(options);
  const taken = [options.labels, options.pyx, options.inputs].filter((text) => text !== undefined);
  const named = options.estimator?.map(readItemArgument);
  const workspace = await openWorkspace({ ...options, jobs: 1 }, (line) => console.error(line));
  const every = workspace.catalogue.items.filter(({ kind }) => kind === "estimator");
  const wanted = named ?? every.map(({ id }) => ({ id, options: {} }));
  const rows: Row[] = [];
  try {
    const items = [];
    for (const { id, options: given } of wanted) {
      items.push(await resolveItem(workspace.catalogue.find("estimator", id), given, workspace.slots));
    }
    const inputs = known.inputs && packTensor(known.inputs);
    for await (const source of readLayers(options.activations, taken, known)) {
      const { packed, part } = packTensor(source.activations);
      const parts = [part, known.labels];
      if (inputs) parts.push(inputs.part);
      if (known.joint) parts.push(bytesOf(known.joint.px), bytesOf(known.joint.pyx));
      for (const item of items) {
        const { value } = await workspace.slots.ask(item.source, {
          verb: "estimate",
          estimator: plain(item),
          activations: packed,
          ...(inputs ? { inputs: inputs.packed } : {}),
          activation: options.activation ?? "unknown",
          classes: known.classes,
          exactJoint: known.joint !== undefined,
          layer: source.layer,
          resampling: { interval: options.interval, permutations: options.permutations },
        }, parts);
        const [[[found]]] = readEstimates([[[value]]], [1, 1, 1], item.id);
        rows.push(rowOf(source, item.id, canonical(item.options), found, known));
      }
    }
  } finally {
    workspace.close();
  }
  if (options.json) console.log(JSON.stringify({ format: "infoplane.estimate/1", rows }, null, 2));
  else for (const line of linesOf(rows)) console.log(line);
  const failed = rows.find(({ status }) => status === "failed");
  if (failed) {
    throw new Problem(
      `Cannot estimate with "${failed.estimator}" from ${whereOf(failed)}: ${failed.reason}`,
      EXIT.usage,
    );
  }
}

type Row = ReturnType<typeof rowOf>;

function rowOf(
  { file, tensor, epoch, layer }: LayerSource,
  estimator: string,
  setting: string,
  found: Estimate,
  { n, joint }: Rows,
) {
  const measured = found.status === "measured" ? found : undefined;
  return {
    file,
    tensor,
    epoch,
    layer,
    estimator,
    setting,
    n,
    labels: measured?.labels ?? (joint ? "exact" : "sampled"),
    ixt_bits: measured?.ixt?.bits ?? null,
    ixt_low_bits: measured?.ixt?.low ?? null,
    ixt_high_bits: measured?.ixt?.high ?? null,
    ity_bits: measured?.ity?.bits ?? null,
    ity_low_bits: measured?.ity?.low ?? null,
    ity_high_bits: measured?.ity?.high ?? null,
    ceiling_bits: measured?.ceilingBits ?? null,
    cells: measured?.cells ?? null,
    alone: measured?.alone ?? null,
    saturated: measured?.saturated ?? null,
    diagnostics: measured?.diagnostics ?? null,
    status: found.status,
    reason: found.reason ?? null,
  };
}

function whereOf({ file, tensor }: { file: string; tensor: string | null }): string {
  return tensor === null ? file : `${file}#${tensor}`;
}

/** The rows as aligned columns; where there is one layer, nothing is said of it. */
function linesOf(rows: readonly Row[]): string[] {
  const several = rows.some(({ epoch, layer }) => epoch !== rows[0].epoch || layer !== rows[0].layer);
  const shown = (bits: number | null, low: number | null = null, high: number | null = null) => {
    if (bits === null) return "";
    const interval = low === null || high === null ? "" : ` [${low.toFixed(6)}, ${high.toFixed(6)}]`;
    return bits.toFixed(6) + interval;
  };
  const head = ["estimator", "setting", "I(X;T) bits", "I(T;Y) bits", "ceiling bits", "status"];
  const body = rows.map((row) => [
    ...(several ? [whereOf(row), String(row.epoch ?? ""), String(row.layer)] : []),
    row.estimator,
    row.setting,
    shown(row.ixt_bits, row.ixt_low_bits, row.ixt_high_bits),
    shown(row.ity_bits, row.ity_low_bits, row.ity_high_bits),
    shown(row.ceiling_bits),
    row.reason ? `${row.status}: ${row.reason}` : row.status,
  ]);
  return columns([[...(several ? ["from", "epoch", "layer"] : []), ...head], ...body]);
}
