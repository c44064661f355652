import { sharesOf } from "./plan.ts";
import { columns } from "./text.ts";
import type { CommonOptions } from "./workspace.ts";

/** `status`: how much of each study the store holds. */
export async function status(names: string[], options: CommonOptions & { profile?: string }): Promise<void> {
  const shares = await sharesOf(names, options);
  if (options.json) return console.log(JSON.stringify({ format: "infoplane.status/1", studies: shares }, null, 2));
  const rows = shares.map(({ study, profile, nets, measurements, maps }) => [
    study,
    profile,
    `${nets.stored} of ${nets.total} nets`,
    `${measurements.stored} of ${measurements.total} measurements`,
    maps.total > 0 ? `${maps.stored} of ${maps.total} analyses of nets` : "",
    [nets, measurements, maps].every(({ stored, total }) => stored === total) ? "complete" : "incomplete",
  ]);
  for (const line of columns(rows)) console.log(line);
}
