import {
  type Analysis,
  type AnalysisResult,
  type Arithmetic,
  type Column,
  type Context,
  defineAnalysis,
  type Figure,
  type LoadedDataset,
  type MapRow,
  NET_COLUMNS,
  type PlantedCase,
  type PointRow,
  type Row,
  type SeriesRow,
  type StudyRows,
  type TrialView,
} from "@infoplane/core";
import { componentScores, isConstant, principalComponents, realRows, rowsAt } from "@infoplane/core/numerics";
import { shuffle } from "@infoplane/core/random";
import { plantedNets, plantedRows } from "@infoplane/core/testing";
import { UMAP } from "umap-js";
import { z } from "zod";

/** Of every arm and point of the axes this replicate is embedded: `map` knows no other net, and it is chosen before any was looked at. */
const REPLICATE = 0;
/** Units of the widest layer whose components are sought. */
const MOST_UNITS = 256;
/** Rows among which a neighbourhood has a shape. */
const LEAST_ROWS = 4;
/** Steps of the neighbour embedding between two signs of life. */
const STEPS = 50;

const common = {
  rows: z.number().int().min(LEAST_ROWS).max(5000).default(500).describe(
    "rows that are drawn, of a random choice; all if the dataset has no more",
  ),
  epochs: z.array(z.number().int().min(0)).min(1).default([0, 400, 10_000]).describe(
    "snapshots: of each the first at this epoch or after it, or else the last",
  ),
};
const componentOptions = z.strictObject(common);
const neighbourOptions = z.strictObject({
  ...common,
  neighbours: z.number().int().min(2).default(15).describe(
    "neighbours that a row should stay near",
  ),
});

type ComponentOptions = z.infer<typeof componentOptions>;
type NeighbourOptions = z.infer<typeof neighbourOptions>;

/** Every layer of one net an arm along its two directions of largest variance. */
export const layerComponents: Analysis<ComponentOptions> = defineAnalysis({
  id: "layer-components",
  title: "Layers along their principal components",
  description:
    "What does a layer look like along its two directions of largest variance, at a few snapshots of replicate " +
    `${REPLICATE} of each arm (Pearson 1901; Hotelling 1933)? Covariance over all rows, weighed by p(x) where it is known.`,
  version: 1,
  arithmetic: "portable",
  options: componentOptions,
  needs: {},
  map: (trial, options, _prepared, ctx) => mapLayers(trial, options, ctx, componentsOf),
  reduce: (rows) => embedded(rows, COMPONENTS),
  planted: () => planted(COMPONENTS),
});

/** Every layer of one net an arm laid out in the plane so that near rows stay near. */
export const layerNeighbours: Analysis<NeighbourOptions> = defineAnalysis({
  id: "layer-neighbours",
  title: "Layers by who is near whom",
  description: "Which rows does a layer bring together, at a few snapshots of replicate " +
    `${REPLICATE} of each arm? UMAP (McInnes, Healy and Melville, arXiv:1802.03426) by umap-js, from a named stream; for the eye alone.`,
  version: 1,
  arithmetic: "host",
  options: neighbourOptions,
  needs: {},
  map: (trial, options, _prepared, ctx) =>
    mapLayers(trial, options, ctx, (...layer) => neighboursOf(...layer, options.neighbours)),
  reduce: (rows, { neighbours }) => embedded(rows, neighbourEmbedding(neighbours)),
  planted: () => planted(neighbourEmbedding(15)),
});

/** What `map` finds of one layer at one snapshot; the context has chance and progress of its own. */
type Embed = (
  trial: TrialView,
  epoch: number,
  layer: number,
  drawn: Uint32Array,
  ctx: Context,
) => readonly MapRow[] | Promise<readonly MapRow[]>;

async function mapLayers(
  trial: TrialView,
  { rows, epochs }: ComponentOptions,
  ctx: Context,
  embed: Embed,
): Promise<MapRow[]> {
  if (trial.replicate !== REPLICATE) return [];
  const drawn = drawnRows(trial.dataset.labels.length, rows, ctx);
  const at = [...new Set(epochs.map((epoch) => snapshotAt(trial.epochs, epoch)))].sort((a, b) => a - b);
  const found = labelsOf(trial.dataset, drawn, at[0]);
  for (const [e, epoch] of at.entries()) {
    for (let k = 0; k < trial.layers; k++) {
      const stream = ctx.stream.child("embedding", epoch, k + 1);
      const progress = (done: number) => ctx.progress((e + (k + done) / trial.layers) / at.length);
      found.push(...await embed(trial, epoch, k + 1, drawn, { ...ctx, stream, progress }));
      await progress(1);
      if (ctx.signal.aborted) throw ctx.signal.reason;
    }
  }
  return found;
}

/** Numbers of the rows that are drawn, ascending. */
function drawnRows(n: number, most: number, { stream }: Context): Uint32Array {
  const all = Uint32Array.from({ length: n }, (_, row) => row);
  if (n <= most) return all;
  shuffle(all, stream.child("rows"));
  return all.slice(0, most).sort();
}

function snapshotAt(epochs: readonly number[], wanted: number): number {
  return epochs.find((epoch) => epoch >= wanted) ?? epochs[epochs.length - 1];
}

/** What colours the rows: their labels, and p(y=1|x) where it is known of two. */
function labelsOf({ labels, classes, joint }: LoadedDataset, drawn: Uint32Array, epoch: number): MapRow[] {
  const number = (row: number, quantity: string, value: number): MapRow => ({
    ...{ epoch, layer: null, row, quantity, unit: "1", value },
  });
  return [...drawn].flatMap((row) => [
    number(row, "label", labels[row]),
    ...(joint && classes === 2 ? [number(row, "p_label_1", joint.pyx[2 * row + 1])] : []),
  ]);
}

/** Where rows lie: two coordinates of each, under names of their own. */
function coordinates(
  epoch: number,
  layer: number,
  drawn: Uint32Array,
  [first, second]: Embedding["axes"],
  at: (i: number) => readonly [number, number],
): MapRow[] {
  return [...drawn].flatMap((row, i): MapRow[] => {
    const [x, y] = at(i);
    return [
      { epoch, layer, row, quantity: first, unit: "1", value: x },
      { epoch, layer, row, quantity: second, unit: "1", value: y },
    ];
  });
}

/** Scores of the rows drawn and shares of variance; the second of a layer of one unit is 0. */
function componentsOf(trial: TrialView, epoch: number, layer: number, drawn: Uint32Array): MapRow[] {
  const activations = trial.activations(epoch, layer);
  const units = activations.shape[1];
  const share = (k: number, value: number | null, reason?: string): MapRow => ({
    ...{ epoch, layer, quantity: `component_${k}_share`, unit: "1", value, reason },
  });
  const without = (reason: string) => [share(1, null, reason), share(2, null, reason)];
  if (units > MOST_UNITS) return without(`of more than ${MOST_UNITS} units no components are sought: it has ${units}`);
  const rows = realRows(activations, "activations");
  if (isConstant(rows)) return without("all rows are equal");
  const found = principalComponents(rows, 2, trial.dataset.joint?.px);
  const scores = componentScores(rowsAt(rows, drawn), found);
  const count = found.variances.length;
  return [
    share(1, found.variances[0] / found.total),
    share(2, count > 1 ? found.variances[1] / found.total : 0),
    ...coordinates(epoch, layer, drawn, COMPONENTS.axes, (i) => [
      scores[i * count],
      count > 1 ? scores[i * count + 1] : 0,
    ]),
  ];
}

async function neighboursOf(
  trial: TrialView,
  epoch: number,
  layer: number,
  drawn: Uint32Array,
  ctx: Context,
  neighbours: number,
): Promise<MapRow[]> {
  const { values, n, columns } = rowsAt(realRows(trial.activations(epoch, layer), "activations"), drawn);
  const { axes } = neighbourEmbedding(neighbours);
  const without = (reason: string): MapRow[] => [
    { epoch, layer, quantity: axes[0], unit: "1", value: null, reason },
  ];
  if (n < LEAST_ROWS) return without(`it needs ${LEAST_ROWS} rows: there are ${n}`);
  if (isConstant({ values, n, columns })) return without("all rows are equal");
  const umap = new UMAP({ nNeighbors: Math.min(neighbours, n - 1), random: () => ctx.stream.uniform() });
  const vectors = [...drawn.keys()].map((i) => [...values.subarray(i * columns, (i + 1) * columns)]);
  const steps = umap.initializeFit(vectors);
  for (let step = 0; step < steps; step++) {
    umap.step();
    if (step % STEPS === 0) await ctx.progress(step / steps);
  }
  const placed = standardised(umap.getEmbedding());
  return coordinates(epoch, layer, drawn, axes, (i) => placed[i]);
}

/** Places about their mean, at a root mean square distance of 1: UMAP's own scale says nothing and differs from run to run. */
function standardised(places: readonly (readonly number[])[]): (readonly [number, number])[] {
  const n = places.length;
  const sum = (of: (place: readonly number[]) => number) => places.reduce((total, place) => total + of(place), 0);
  const [x, y] = [sum(([x]) => x) / n, sum(([, y]) => y) / n];
  const size = Math.sqrt(sum((at) => (at[0] - x) * (at[0] - x) + (at[1] - y) * (at[1] - y)) / n);
  return places.map((at) => [(at[0] - x) / size, (at[1] - y) / size]);
}

/** What the two analyses call their numbers, and what their figures say. */
interface Embedding {
  readonly id: string;
  readonly title: string;
  readonly axes: readonly [string, string];
  readonly labels: readonly [string, string];
  readonly arithmetic: Arithmetic;
  /** Meaning of an axis, for its column. */
  readonly text: (axis: 1 | 2) => string;
  /** What distances mean and do not mean. */
  readonly caveat: (rows: StudyRows) => string;
}

const COMPONENTS: Embedding = {
  id: "layer-components",
  title: "Layers along their two directions of largest variance",
  axes: ["component_1", "component_2"],
  labels: ["first principal component", "second principal component"],
  arithmetic: "portable",
  text: (axis) =>
    `Score on principal component ${axis}, in units of the activations; of the direction's largest entries the first is positive.`,
  caveat: ({ series }) =>
    sharesOf(series) +
    "Distances are those in the layer as far as these two directions show them: never larger, and smaller by what the " +
    "others hold. Directions of nearly equal variance may change places from panel to panel. All panels share their scales.",
};

function neighbourEmbedding(neighbours: number): Embedding {
  return {
    id: "layer-neighbours",
    title: "Layers by who is near whom",
    axes: ["neighbour_1", "neighbour_2"],
    labels: ["UMAP 1", "UMAP 2"],
    arithmetic: "host",
    text: (axis) =>
      `Coordinate ${axis} of UMAP with ${neighbours} neighbours and least distance 0.1, about the mean, in root mean square distances from it.`,
    caveat: () =>
      `UMAP with ${neighbours} neighbours, a picture and no measurement: rows that are near in the layer are mostly near ` +
      "here. Distances between groups, their sizes and densities, axes, directions and scale mean nothing; groups can part where the " +
      "layer has none; another seed gives another picture, and so may another machine. No claim rests on it.",
  };
}

/** A row for each place, from the two `points` that say it, and the figure of them. */
function embedded(found: StudyRows, embedding: Embedding): AnalysisResult {
  const { id, title, axes: [first, second] } = embedding;
  const rowOf = ({ arm, axes, trial, row }: PointRow) => JSON.stringify([arm, axes, trial, row]);
  const placeOf = (point: PointRow) => JSON.stringify([rowOf(point), point.epoch, point.layer]);
  const points = Map.groupBy(found.points ?? [], ({ quantity }) => quantity);
  const values = (quantity: string, nameOf: (point: PointRow) => string) =>
    new Map(points.get(quantity)?.map((point) => [nameOf(point), point.value]));
  const [labels, known, seconds] = [values("label", rowOf), values("p_label_1", rowOf), values(second, placeOf)];
  const rows = (points.get(first) ?? []).map((point): Row => {
    const { trial, arm, axes, replicate, epoch, layer, row, value, arithmetic } = point;
    return {
      ...{ trial, arm, axes, replicate, net: axes === "{}" ? arm : `${arm} ${axes}`, epoch, layer, row },
      label: labels.get(rowOf(point)) ?? null,
      p_label_1: known.get(rowOf(point)) ?? null,
      [first]: value,
      [second]: seconds.get(placeOf(point)) ?? null,
      arithmetic,
    };
  });
  return {
    tables: [{ name: id, title, columns: columnsOf(embedding), rows }],
    figures: rows.length === 0 ? [] : [figureOf(rows, embedding, embedding.caveat(found))],
  };
}

function columnsOf({ axes, text }: Embedding): Column[] {
  const number = (name: string, text: string, nullable = false): Column => ({
    ...{ name, type: "float64", unit: "1", text, nullable },
  });
  return [
    ...NET_COLUMNS.filter(({ name }) => ["trial", "arm", "axes", "replicate"].includes(name)),
    { name: "net", type: "string", unit: null, text: "The arm, with the values of the study's axes if it has any." },
    { name: "epoch", type: "int32", unit: "epochs", text: "The snapshot." },
    { name: "layer", type: "int32", unit: "1", text: "1…K, K the output." },
    { name: "row", type: "int32", unit: "1", text: "Row of the dataset, from 0." },
    { name: "label", type: "int32", unit: "1", text: "Label the row was dealt in this replicate.", nullable: true },
    number("p_label_1", "p(y=1|x) of the row, where it is known and there are two labels.", true),
    number(axes[0], text(1)),
    number(axes[1], text(2)),
    {
      name: "arithmetic",
      type: "string",
      unit: null,
      text: "portable: identical bytes everywhere; pinned: identical per backend; host: depends on the machine.",
    },
  ];
}

function figureOf(rows: readonly Row[], { id, title, axes: [x, y], labels }: Embedding, caveat: string): Figure {
  const known = rows.every((row) => row.p_label_1 !== null);
  const distinct = (column: string) => new Set(rows.map((row) => row[column])).size;
  const colour = known ? "p(y=1|x)" : "label";
  return {
    id,
    title,
    caption:
      `Each dot is one of ${
        distinct("row")
      } rows, coloured by ${colour}; a line of panels a layer, a column a snapshot, of ` +
      `replicate ${REPLICATE}. ${caveat}`,
    alt: `${labels.join(" and ")} of ${distinct("layer")} layers at ${distinct("epoch")} snapshots, dots by ${colour}.`,
    table: id,
    marks: [{ mark: "dot", x, y, fill: known ? "p_label_1" : "label", fx: "epoch", fy: "layer" }],
    scales: {
      x: { label: labels[0] },
      y: { label: labels[1] },
      color: known ? { type: "linear", domain: [0, 1] } : { scheme: "arm" },
    },
    ...(distinct("net") > 1 ? { controls: [{ column: "net", kind: "choice" }] } : {}),
  };
}

/** How much of a layer's variance the two components hold, at least and at most. */
function sharesOf(series: StudyRows["series"]): string {
  const layerOf = ({ arm, axes, trial, epoch, layer }: SeriesRow) => JSON.stringify([arm, axes, trial, epoch, layer]);
  const shares = new Map<string, number>();
  for (const row of series) {
    if (!["component_1_share", "component_2_share"].includes(row.quantity) || row.value === null) continue;
    shares.set(layerOf(row), (shares.get(layerOf(row)) ?? 0) + row.value);
  }
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  const held = [...shares.values()];
  return held.length === 0
    ? ""
    : `Of a layer's variance the two hold from ${percent(Math.min(...held))} to ${percent(Math.max(...held))}. `;
}

/** One net of which two rows have places in a layer, or of which a layer has none. */
function planted({ id, axes, arithmetic }: Embedding): PlantedCase[] {
  const net = plantedRows(plantedNets(1, () => ({ ixt: [], ity: [] })), { epochs: [0] });
  const point = (row: number, layer: number | null, quantity: string, value: number): PointRow => ({
    ...{ trial: "main-0", arm: "main", axes: "{}", replicate: 0, row },
    ...{ epoch: 0, layer, quantity, unit: "1", value, arithmetic, reason: null },
  });
  const labels = [0, 1].flatMap((
    row,
  ) => [point(row, null, "label", row), point(row, null, "p_label_1", 0.25 + row / 2)]);
  const places = [0, 1].flatMap((row) => axes.map((axis, k) => point(row, 1, axis, 2 * row - k)));
  return [
    {
      name: "two rows with their places in a layer",
      truth: "positive",
      rows: { ...net, points: [...labels, ...places] },
      found: { [id]: [{ row: 1, layer: 1, label: 1, p_label_1: 0.75, [axes[0]]: 2, [axes[1]]: 1, arithmetic }] },
      drawn: { [id]: 2 },
    },
    {
      name: "a layer in which no row has a place",
      truth: "null",
      rows: { ...net, points: labels },
      drawn: { [id]: 0 },
    },
  ];
}
