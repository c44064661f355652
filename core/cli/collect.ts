import { unlessMissing } from "./missing.ts";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { EXIT, Problem } from "../contracts/problem.ts";
import { fromUser } from "../execution/paths.ts";
import { cellName, type Piece, piecesOf } from "../pipeline/pieces.ts";
import { shardOf } from "../pipeline/shards.ts";
import { mergeStore } from "../store/merge.ts";
import { openStore } from "../store/store.ts";
import { planOf } from "./carry_out.ts";
import { reproduce, type ReproduceOptions } from "./reproduce.ts";
import { chooseStudies, openWorkspace, openWorkspaceStore, profileOf } from "./workspace.ts";

/** `collect`: gather what shards stored, refuse holes, then analyse and compare as `reproduce` does. */
export async function collect(
  names: string[],
  options: ReproduceOptions & { from?: string[]; shards?: number },
): Promise<void> {
  const store = await openWorkspaceStore(options);
  for (const given of options.from ?? []) {
    const dir = fromUser(given);
    if (!existsSync(join(dir, "format.json"))) {
      throw new Problem(`Cannot collect from ${dir} as it must be a store: it is none`);
    }
    const { copied, damaged } = await mergeStore(store, await openStore(dir));
    console.error(`${dir} · ${copied} results copied${damaged > 0 ? `, ${damaged} damaged ones left out` : ""}`);
  }
  const workspace = await openWorkspace({ ...options, jobs: options.jobs ?? 1 }, (line) => console.error(line));
  let missing = 0;
  try {
    for (const known of await chooseStudies(names, options)) {
      await unlessMissing(names, known.study.id, (line) => console.error(line), async () => {
        const profile = profileOf(known, options.profile);
        const pieces = await piecesOf(await planOf(known.study, profile, workspace), store);
        const holes = pieces.filter(({ found, trial }) => found.entry === undefined && trial !== null);
        for (const line of holeLines(holes, options.shards)) console.error(`${known.study.id} · ${profile} · ${line}`);
        missing += holes.length;
      });
    }
  } finally {
    workspace.close();
  }
  if (missing > 0) {
    const where = options.shards === undefined ? "; --shards n says of which shards" : "";
    throw new Problem(
      `Cannot collect as every result must be there: ${missing} ${missing === 1 ? "is" : "are"} missing${where}`,
      EXIT.incomplete,
    );
  }
  await reproduce(names, options);
}

/** What is missing, a line for each shard or arm: how many nets, and how many results of nets that are there. */
function holeLines(holes: readonly Piece[], shards: number | undefined): string[] {
  const placeOf = ({ trial, cell }: Piece) =>
    shards === undefined ? `arm ${cellName(cell)}` : `shard ${shardOf(trial!.key, shards)}/${shards}`;
  const places = [...new Set(holes.map(placeOf))].sort();
  return places.map((place) => {
    const own = holes.filter((piece) => placeOf(piece) === place);
    const nets = own.filter(({ kind }) => kind === "trial");
    const others = own.length - nets.length;
    const named = nets.slice(0, 3).map(({ trial, cell }) => `${cellName(cell)} replicate ${trial!.replicate}`);
    const list = nets.length === 0 ? "" : ` (${named.join(", ")}${nets.length > 3 ? ", …" : ""})`;
    return `${place}: ${nets.length} nets${list} and ${others} measurements are missing`;
  });
}
