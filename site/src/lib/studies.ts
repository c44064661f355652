import { readdir } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Bundle, Figure, RunRecord } from "../../../core/contracts/bundle.ts";
import type { Cell, Row } from "../../../core/contracts/rows.ts";
import { readBundle } from "../../../core/store/bundle.ts";
import { drawFigure, type Drawing, drawThumbnail } from "../../../reports/figures/mod.ts";
import { slugOf } from "./slug.ts";

/** A figure of a study and its drawing. */
export interface DrawnFigure {
  readonly figure: Figure;
  readonly drawing: Drawing;
}

/** Rows that came out the same way for the same reason. */
export interface Loss {
  readonly arm: string;
  /** `diverged`, `skipped`, `failed`. */
  readonly outcome: string;
  readonly reason: string;
  readonly count: number;
  /** Numbers of the replicates, ascending. */
  readonly replicates: readonly number[];
}

/** All that the pages show of a bundle. */
export interface StudyPage {
  readonly slug: string;
  readonly bundle: Bundle;
  /** SHA-256 of bundle.json. */
  readonly digest: string;
  readonly run: RunRecord | null;
  /** The figure at the head of the page: the first information plane, or else the first. */
  readonly hero: DrawnFigure | undefined;
  /** All others. */
  readonly figures: readonly DrawnFigure[];
  /** Small picture of the hero's data, as SVG. */
  readonly thumbnail: string | null;
  /** Nets that did not end as planned. */
  readonly lostNets: readonly Loss[];
  /** Points of the plane that were not measured. */
  readonly lostPoints: readonly Loss[];
}

let loaded: Promise<readonly StudyPage[]> | undefined;

/** The surest first. */
const PROFILES = ["full", "quick", "smoke"];

/** Every study of the folder of bundles, by name and profile; read once for all pages. */
export function allStudies(): Promise<readonly StudyPage[]> {
  return loaded ??= loadStudies(process.env.INFOPLANE_BUNDLES ?? "out/bundles");
}

/** @throws {Error} If two bundles would have one page. */
async function loadStudies(folder: string): Promise<readonly StudyPage[]> {
  const found = existsSync(folder) ? await readdir(folder) : [];
  const names = found.filter((name) => existsSync(join(folder, name, "bundle.json"))).sort();
  const pages: StudyPage[] = [];
  for (const name of names) pages.push(await loadStudy(join(folder, name)));
  pages.sort(({ bundle: a }, { bundle: b }) =>
    a.study.id === b.study.id
      ? PROFILES.indexOf(a.profile) - PROFILES.indexOf(b.profile)
      : a.study.id < b.study.id
      ? -1
      : 1
  );
  const twice = pages.find(({ slug }, i) => pages.findIndex((page) => page.slug === slug) < i);
  if (twice) {
    throw new Error(`Cannot build a site as each study and profile must come once: ${twice.slug} is there twice`);
  }
  return pages;
}

async function loadStudy(dir: string): Promise<StudyPage> {
  const { bundle, digest, run, table } = await readBundle(dir);
  const slug = slugOf(bundle);
  const tables = new Map<string, readonly Row[]>();
  const rowsOf = async (name: string) => {
    if (!tables.has(name)) {
      tables.set(name, bundle.files.some((file) => file.table === name) ? (await table(name)).rows : []);
    }
    return tables.get(name)!;
  };
  const { problems } = bundle;
  const first = bundle.figures.find(({ view }) => view === "information-plane") ?? bundle.figures[0];
  let lastEpoch: number | undefined;
  let thumbnail: string | null = null;
  const drawn: DrawnFigure[] = [];
  for (const figure of [first, ...bundle.figures.filter((figure) => figure !== first)].filter(Boolean)) {
    const data = { figure, rows: await rowsOf(figure.table), problems, prefix: `figure-${figure.id}` };
    const drawing = drawFigure({ ...data, lastEpoch });
    // One ramp a page: the first figure that carries epochs says where it ends.
    lastEpoch ??= drawing.lastEpoch;
    drawn.push({ figure, drawing });
    if (figure === first) {
      thumbnail = figure.view === "information-plane"
        ? drawThumbnail({ ...data, prefix: `card-${slug}` })
        : drawing.panels[0]?.svg.replaceAll(`figure-${figure.id}`, `card-${slug}`) ?? null;
    }
  }
  return {
    slug,
    bundle,
    digest,
    run,
    hero: drawn[0],
    figures: drawn.slice(1),
    thumbnail,
    lostNets: losses(await rowsOf("trials"), "outcome", "done"),
    lostPoints: losses(await rowsOf("estimates"), "status", "measured"),
  };
}

function losses(rows: readonly Row[], column: string, good: string): Loss[] {
  const groups = new Map<
    string,
    { arm: string; outcome: string; reason: string; count: number; replicates: Set<Cell> }
  >();
  for (const row of rows) {
    if (row[column] === good) continue;
    const [arm, outcome, reason] = [row.arm, row[column], row.reason ?? "no reason was given"].map(String);
    const key = JSON.stringify([arm, outcome, reason]);
    const group = groups.get(key) ?? { arm, outcome, reason, count: 0, replicates: new Set() };
    group.count++;
    group.replicates.add(row.replicate);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => ({
    ...group,
    replicates: [...group.replicates].map(Number).sort((a, b) => a - b),
  }));
}
