import type { Claim } from "../contracts/bundle.ts";
import type { Rights } from "../contracts/plugin.ts";
import type { JsonObject } from "../contracts/tensor.ts";

/** A line a claim: id, verdict, statistic with its interval. */
export function claimLines(claims: readonly Claim[]): string[] {
  const width = Math.max(0, ...claims.map(({ id }) => id.length));
  return claims.map(({ id, verdict, provisional, median, low, high, interval, unit, reason }) => {
    const mark = { supported: "●", contradicted: "◆", undecided: "○" }[verdict];
    const within = interval === "none" ? "" : ` [${low?.toFixed(3) ?? "−∞"}, ${high?.toFixed(3) ?? "∞"}]`;
    const statistic = median === null ? "" : ` median ${median.toFixed(3)}${within}${unit === "1" ? "" : ` ${unit}`}`;
    const word = `${verdict}${provisional ? " (provisional)" : ""}`;
    return `${mark} ${id.padEnd(width)}  ${word.padEnd(26)}${statistic}${reason ? ` · ${reason}` : ""}`;
  });
}

/** What a plugin was granted, in words; none if nothing. */
export function rightWords(rights: JsonObject = {}): string[] {
  const { read = [], run = [], packages = [] } = rights as Rights;
  return [
    ...run.length > 0 ? [`may start ${run.join(", ")}`] : [],
    ...read.length + packages.length > 0 ? [`may read ${[...read, ...packages].join(", ")}`] : [],
  ];
}

/** Rows of cells as aligned columns. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  return rows.map((row) =>
    row.map((cell, i) => i === row.length - 1 ? cell : cell.padEnd(widths[i])).join("  ").trimEnd()
  );
}

/** `830 B`, `12.4 kB`, `1.9 MB`, `2.1 GB`. */
export function bytesWords(bytes: number): string {
  const power = Math.min(3, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return power === 0 ? `${bytes} B` : `${(bytes / 1000 ** power).toFixed(1)} ${["B", "kB", "MB", "GB"][power]}`;
}
