import * as Plot from "@observablehq/plot";
import type { Figure, ProblemFacts } from "../../core/contracts/bundle.ts";
import type { Row } from "../../core/contracts/rows.ts";
import { finish, newDocument, svgElement, type SvgNode } from "./document.ts";
import { type Drawing, emptyDrawing, type FigureData, type Panel } from "./drawing.ts";
import { thinEpochs } from "./epochs.ts";
import { axisTitle, bottomAxis, leftAxis, markAt, richText, type Scales } from "./furniture.ts";
import { colour, epochColour } from "./palette.ts";
import { distinct, grouped, matching, whereWords } from "./rows.ts";
import { lowered, settingWords, short } from "./words.ts";

/** How the plane is laid out: one plane with every layer, or a panel for each. */
type Layout = "one" | "panels";

const FRAMES = {
  one: { width: 1040, height: 600, marginTop: 40, marginRight: 8, marginBottom: 52, marginLeft: 56 },
  panels: { width: 348, height: 300, marginTop: 34, marginRight: 14, marginBottom: 46, marginLeft: 46 },
} as const;
/** From one line of a title to the next, and how many characters one has room for up the side of a panel. */
const LINE = 14;
const CHARACTERS_UP = 52;
/** Estimates this close to the estimator's ceiling are flagged, in bits. */
const NEAR_CEILING = 0.5;

/** A snapshot of a net's layer. */
interface Point {
  readonly epoch: number;
  readonly ixt: number;
  readonly ity: number;
}

/** What the plane shows, chosen and put in order. */
interface Plane {
  readonly layers: readonly Layer[];
  readonly epochs: readonly number[];
  readonly lastEpoch: number;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly problem: ProblemFacts | undefined;
  readonly estimator: string;
  readonly notes: readonly string[];
  readonly layout: Layout;
}

interface Layer {
  readonly number: number;
  readonly name: string;
  /** Snapshots of each net, by key, ascending in epoch. */
  readonly nets: ReadonlyMap<string, readonly Point[]>;
  readonly ceiling: number | null;
}

/**
 * The information plane: I(X;T) across and I(T;Y) up, both in bits; one path a net and layer, and no mean; snapshots as
 * dots coloured by epoch.
 *
 * Dots of one layer and epoch are one path of zero-length strokes with round ends, which keeps fifty nets below 400 kB.
 *
 * `figure.where` chooses arm, estimator and setting; where several remain the first is drawn and a note names the others.
 * `viewOptions`: `layout` ("one" plane, or "panels", one a layer), `epochs` (most snapshots shown, 40), `layers` (numbers
 * of the layers shown), `curve` ([[ixt, ity], …], the information bottleneck bound).
 */
export function drawInformationPlane(data: FigureData): Drawing {
  const plane = planeOf(data);
  if (typeof plane === "string") return emptyDrawing(plane);
  const { figure, prefix = figure.id } = data;
  const { layers, layout } = plane;
  const panels = layout === "one"
    ? [drawPanel(plane, layers, figure, prefix)]
    : layers.map((layer, i) => drawPanel(plane, [layer], figure, `${prefix}-${i + 1}`));
  return {
    panels,
    across: layout === "one" ? 1 : layers.length === 4 ? 2 : Math.min(3, layers.length),
    epochs: plane.epochs,
    lastEpoch: plane.lastEpoch,
    layers: layers.map(({ number, name }) => {
      const facts = plane.problem?.layers[number - 1];
      return { number, text: facts ? `${facts.units} ${facts.activation}` : name };
    }),
    notes: [...ceilingWords(plane), ...plane.notes],
  };
}

/** The plane at the size of a stamp, with few epochs and no axes: for a card. Null if there is nothing to draw. */
export function drawThumbnail(data: FigureData, size = { width: 320, height: 220 }): string | null {
  const options = { ...data.figure.viewOptions, epochs: 14 };
  const plane = planeOf({ ...data, figure: { ...data.figure, viewOptions: options } });
  if (typeof plane === "string") return null;
  const svg = Plot.plot({
    document: newDocument(),
    ...size,
    margin: 8,
    x: { domain: [...plane.x], axis: null },
    y: { domain: [...plane.y], axis: null },
    marks: [...boundRules(plane), ...plane.layers.map((layer) => dots(layer, plane, 2.4))],
  });
  return finish(svg as unknown as SvgNode, {
    prefix: data.prefix ?? `${data.figure.id}-thumb`,
    label: data.figure.alt,
  });
}

/** The setting of each figure: one arm, one point of the axes, one estimator. */
const IDENTITY = ["arm", "axes", "estimator", "setting", "probe"] as const;

function planeOf({ figure, rows, problems = [], lastEpoch }: FigureData): Plane | string {
  const wanted = figure.viewOptions?.layers;
  const asked = matching(rows, figure.where).filter(({ layer }) =>
    Number(layer) > 0 && (!Array.isArray(wanted) || wanted.includes(layer))
  );
  if (asked.length === 0) {
    const where = whereWords(figure.where);
    return `the table ${figure.table} has no row of a layer${where && ` with ${where}`}`;
  }
  const measured = asked.filter(({ ixt_bits, ity_bits }) =>
    typeof ixt_bits === "number" && typeof ity_bits === "number"
  );
  if (measured.length === 0) {
    const reasons = distinct(asked.map(({ status, reason }) => reason ?? status ?? "no value")).slice(0, 3);
    return `none of ${short(asked.length, 9)} points was measured: ${reasons.join("; ")}`;
  }
  const identity = (row: Row) => JSON.stringify(IDENTITY.map((column) => row[column] ?? null));
  const settings = grouped(measured, identity);
  const [first, chosen] = [...settings][0];
  const notes: string[] = [];
  if (settings.size > 1) {
    const others = [...settings.keys()].filter((key) => key !== first).map((key) => describe(JSON.parse(key)));
    notes.push(`Drawn: ${describe(JSON.parse(first))}. In the table as well: ${others.join("; ")}.`);
  }
  const missing = asked.filter((row) => identity(row) === first).length - chosen.length;
  if (missing > 0) notes.push(`${short(missing, 9)} points were not measured and are not drawn; the table says why.`);

  notes.push(...saturationWords(chosen));

  const limit = Number(figure.viewOptions?.epochs ?? 40);
  const epochs = thinEpochs(distinct(chosen.map(({ epoch }) => Number(epoch))), limit);
  const shown = new Set(epochs);
  const layers = [...grouped(chosen, ({ layer }) => Number(layer))].sort(([a], [b]) => a - b).map(([number, rows]) => {
    const ceilings = rows.map(({ ceiling_bits }) => ceiling_bits).filter((bits) => typeof bits === "number");
    const nets = grouped(rows.filter(({ epoch }) => shown.has(Number(epoch))), ({ trial }) => String(trial));
    return {
      number,
      name: String(rows[0].layer_name ?? `layer ${number}`),
      ceiling: ceilings.length > 0 ? ceilings.reduce((a, b) => Math.max(a, b)) : null,
      nets: new Map([...nets].map(([trial, rows]) => [trial, rows.map(pointOf).sort((a, b) => a.epoch - b.epoch)])),
    };
  });
  const problem = problems.find(({ arm }) => arm === chosen[0].arm) ?? problems[0];
  const points = layers.flatMap(({ nets }) => [...nets.values()].flat());
  const { estimator, setting, probe, n } = chosen[0];
  return {
    layers,
    epochs,
    notes,
    layout: figure.viewOptions?.layout === "panels" && layers.length > 1 ? "panels" : "one",
    problem,
    lastEpoch: lastEpoch ?? epochs[epochs.length - 1],
    x: extent([0, problem?.hxBits ?? 0, ...points.map(({ ixt }) => ixt)], 0.035),
    y: extent([0, problem?.ixyBits ?? 0, ...points.map(({ ity }) => ity)], 0.09),
    estimator: settingWords(String(estimator), String(setting)) +
      (probe === undefined || probe === "all" ? "" : `, ${n ?? ""} ${rowsWords(String(probe))}`),
  };
}

/** How many activations stand where their activation function ends, at the last snapshots of the nets; nothing where none can. */
function saturationWords(rows: readonly Row[]): string[] {
  const last = new Map<string, number>();
  for (const { trial, epoch } of rows) last.set(String(trial), Math.max(last.get(String(trial)) ?? 0, Number(epoch)));
  const ends = rows.filter(({ trial, epoch, saturated }) =>
    typeof saturated === "number" && last.get(String(trial)) === Number(epoch)
  );
  const layers = [...grouped(ends, ({ layer }) => Number(layer))].sort(([a], [b]) => a - b);
  if (layers.length === 0) return [];
  const percent = (share: number) => `${(100 * share).toFixed(share > 0 && share < 0.095 ? 1 : 0)} %`;
  const words = layers.map(([number, ofLayer]) => {
    const shares = ofLayer.map(({ saturated }) => Number(saturated)).sort((a, b) => a - b);
    const median = (shares[Math.floor((shares.length - 1) / 2)] + shares[Math.floor(shares.length / 2)]) / 2;
    return `${ofLayer[0].layer_name ?? `layer ${number}`} ${percent(median)}`;
  });
  return [`Saturated activations at the end of training, median over nets: ${words.join(", ")}.`];
}

function pointOf({ epoch, ixt_bits, ity_bits }: Row): Point {
  return { epoch: Number(epoch), ixt: Number(ixt_bits), ity: Number(ity_bits) };
}

function describe([arm, axes, estimator, setting, probe]: readonly (string | null)[]): string {
  const place = axes === null || axes === "{}" ? arm : `${arm} ${axes}`;
  return `${place}, ${settingWords(String(estimator), String(setting))}${
    probe === "all" || !probe ? "" : `, ${rowsWords(probe)}`
  }`;
}

/** Which rows, then what their layers are seen through: `test rows · 16 components`. */
function rowsWords(probe: string): string {
  return probe.replace(/^\w+/, "$& rows");
}

/** Smallest to largest with room above, and below if anything is negative. */
function extent(values: readonly number[], room: number): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const span = (high - low) * room || 1;
  return [low < 0 ? low - span : low, high + span];
}

function drawPanel(plane: Plane, layers: readonly Layer[], figure: Figure, prefix: string): Panel {
  const frame = frameOf(plane);
  const { x, y } = plane;
  const svg = Plot.plot({
    document: newDocument(),
    ...frame,
    x: { domain: [...x], axis: null },
    y: { domain: [...y], axis: null },
    marks: [
      ...ceilingShade(plane, layers),
      bottomAxis({ ticks: niceTicks(x, plane.layout === "one" ? 6 : 3) }),
      leftAxis({ ticks: niceTicks(y, plane.layout === "one" ? 5 : 2) }),
      ...boundRules(plane),
      ...boundCurve(plane, figure),
      ...layers.flatMap((layer) => [paths(layer, plane.epochs), dots(layer, plane, plane.layout === "one" ? 3 : 2.8)]),
      boundLabels(plane),
      axisTitles(plane, layers),
      plane.layout === "one" ? layerLabels(layers) : layerHeading(plane, layers[0]),
    ],
  });
  const counts = layers.map(({ number, nets }) => `layer ${number}, ${nets.size} ${nets.size === 1 ? "net" : "nets"}`);
  return {
    svg: finish(svg as unknown as SvgNode, { prefix, label: `${figure.alt} Drawn: ${counts.join("; ")}.` }),
    width: frame.width,
    height: frame.height,
    label: layers.map(({ number }) => `T${lowered(number)}`).join(", "),
  };
}

/** One path a net, never a mean; a net that lacks a snapshot among those of its path says which it has. */
function paths({ number, nets }: Layer, epochs: readonly number[]) {
  return markAt((scales, document) => {
    const group = svgElement(document, "g", {
      class: "nets",
      "data-layer": number,
      fill: "none",
      stroke: colour("net"),
      "stroke-width": 0.7,
      "stroke-opacity": nets.size > 20 ? 0.32 : 0.5,
      "stroke-linejoin": "round",
    });
    for (const [trial, points] of nets) {
      group.append(svgElement(document, "path", {
        class: "net",
        "data-trial": trial,
        "data-layer": number,
        "data-epochs": points.every(({ epoch }, i) => epoch === epochs[i])
          ? undefined
          : points.map(({ epoch }) => epoch).join(" "),
        d: polyline(points, scales),
      }));
    }
    return group;
  });
}

function axisTitles(plane: Plane, layers: readonly Layer[]) {
  const panels = plane.layout === "panels";
  const T = panels ? `T${lowered(layers[0].number)}` : "T";
  const which = !panels && plane.layers.length > 1 ? "of each layer, " : "";
  const lines = titleLines(plane, `${which}${plane.estimator}`);
  return markAt((_scales, document, { width, height, marginRight, marginTop }) => {
    const group = svgElement(document, "g", { class: "titles", "text-anchor": "start" });
    lines.forEach((line, i) => {
      const quantity = (name: string) => i === 0 ? `${name}, bits, ` : "";
      group.append(
        axisTitle(document, quantity(`I(X;${T})`), line, {
          class: "axis-title across",
          x: width - marginRight,
          y: height - 10 - LINE * (lines.length - 1 - i),
          "text-anchor": "end",
        }),
        axisTitle(document, quantity(`I(${T};Y)`), line, {
          class: "axis-title up",
          ...(panels
            ? { transform: `translate(${11 + LINE * i},${marginTop}) rotate(-90)`, "text-anchor": "end" }
            : { x: 4, y: 14 }),
        }),
      );
    });
    return group;
  });
}

/** How the bits of an axis were estimated, in as many lines as a panel has room for up its side. */
function titleLines({ layout }: Plane, how: string): string[] {
  if (layout === "one") return [how];
  const lines = [""];
  for (const word of how.split(" ")) {
    const last = lines[lines.length - 1];
    const room = lines.length === 1 ? CHARACTERS_UP - "I(X;T1), bits, ".length : CHARACTERS_UP;
    if (last === "" || last.length + 1 + word.length <= room) lines[lines.length - 1] = last ? `${last} ${word}` : word;
    else lines.push(word);
  }
  return lines;
}

/** The frame of a panel, with room for the lines of its titles. */
function frameOf(plane: Plane) {
  const frame = FRAMES[plane.layout];
  const more = LINE * (titleLines(plane, plane.estimator).length - 1);
  return {
    ...frame,
    height: frame.height + more,
    marginBottom: frame.marginBottom + more,
    marginLeft: frame.marginLeft + more,
  };
}

/** The head of a layer's own panel. */
function layerHeading({ problem }: Plane, { number, name }: Layer) {
  return markAt((_scales, document, { marginLeft }) => {
    const layers = problem?.layers ?? [];
    const facts = layers[number - 1];
    const kind = number === layers.length ? "output" : number === layers.length - 1 ? "last hidden layer" : "";
    const units = facts ? `${facts.units} ${facts.activation}` : name;
    const group = svgElement(document, "g", { class: "heading", "text-anchor": "start" });
    group.append(
      richText(document, `T${lowered(number)}`, {
        class: "layer-label",
        x: marginLeft,
        y: 17,
        "font-size": 14,
        "font-weight": 650,
        fill: "currentColor",
      }),
      richText(document, [units, kind].filter(Boolean).join(", "), {
        class: "aside",
        x: marginLeft + 24,
        y: 17,
        "font-size": 11,
        fill: colour("muted"),
      }),
    );
    return group;
  });
}

/** A layer's name beside where it starts, wherever fewest dots are in the way; layers at one place share a label. */
function layerLabels(layers: readonly Layer[]) {
  return markAt((scales, document, { width, height, marginLeft, marginBottom, marginTop }) => {
    const spots = layers.flatMap(({ nets }) =>
      [...nets.values()].flatMap((points) => points.map(({ ixt, ity }) => [scales.x(ixt), scales.y(ity)] as const))
    );
    const starts = layers.map(({ number, nets }) => {
      const first = [...nets.values()].map(([point]) => [scales.x(point.ixt), scales.y(point.ity)] as const);
      const [xs, ys] = [first.map(([x]) => x), first.map(([, y]) => y)];
      return {
        numbers: [number],
        left: Math.min(...xs),
        right: Math.max(...xs),
        top: Math.min(...ys),
        bottom: Math.max(...ys),
      };
    });
    const places: typeof starts = [];
    for (const start of starts) {
      const same = places.find((one) =>
        Math.abs(one.left + one.right - start.left - start.right) < 20 &&
        Math.abs(one.top + one.bottom - start.top - start.bottom) < 20
      );
      if (same) same.numbers.push(...start.numbers);
      else places.push(start);
    }
    const taken: [number, number][] = [];
    const group = svgElement(document, "g", { class: "layer-labels", "text-anchor": "middle" });
    for (const { numbers, left, right, top, bottom } of places) {
      const wide = 12 + 20 * numbers.length;
      const middle = (left + right) / 2;
      const centre = (top + bottom) / 2;
      const candidates: [number, number][] = [
        [middle, bottom + 18],
        [left - wide / 2 - 4, centre],
        [left - wide / 2, bottom + 14],
        [right + wide / 2 + 4, centre],
        [right + wide / 2, bottom + 14],
        [middle, bottom + 36],
        [left - wide / 2 - 24, centre + 20],
      ];
      const crowd = ([x, y]: [number, number]) => {
        if (x < marginLeft + wide / 2 || x > width - wide / 2 || y > height - marginBottom - 10 || y < marginTop) {
          return 1e9;
        }
        const near = (list: readonly (readonly [number, number])[], w: number, h: number) =>
          list.filter(([a, b]) => Math.abs(a - x) < w && Math.abs(b - y) < h).length;
        return near(spots, wide / 2 + 2, 11) + 1e4 * near(taken, wide, 20);
      };
      const best = candidates.reduce((one, other) => crowd(other) < crowd(one) ? other : one);
      taken.push(best);
      group.append(richText(document, numbers.map((number) => `T${lowered(number)}`).join(" "), {
        class: "layer-label",
        "data-layer": numbers.join(" "),
        x: Math.round(best[0]),
        y: Math.round(best[1] + 5),
        "font-size": 15,
        "font-weight": 600,
        fill: "currentColor",
        stroke: colour("paper"),
        "stroke-width": 3,
        "stroke-linejoin": "round",
        "paint-order": "stroke",
      }));
    }
    return group;
  });
}

/** The most that the estimator can give of these layers, if an axis comes near it. */
function ceilingOf({ x }: Plane, layers: readonly Layer[]): number | null {
  const ceilings = layers.map(({ ceiling }) => ceiling);
  const ceiling = ceilings.every((bits) => bits !== null) ? ceilings.reduce((a, b) => Math.max(a, b)) : null;
  return ceiling === null || ceiling - NEAR_CEILING >= x[1] ? null : ceiling;
}

/** What the shade of panels means; one plane says it within. */
function ceilingWords(plane: Plane): string[] {
  const { layers, layout } = plane;
  if (layout === "one") return [];
  const ceilings = layers.map((layer) => ceilingOf(plane, [layer])).filter((bits) => bits !== null);
  if (ceilings.length === 0) return [];
  const most = distinct(ceilings.map((bits) => bits.toFixed(2))).join(" or ");
  return [
    `Shaded: within ${NEAR_CEILING} bit of the most that the estimator can give, ${most} bits. What stands there may have been ` +
    "cut off.",
  ];
}

/** The part of the axis where the estimator cannot tell more from most. */
function ceilingShade(plane: Plane, layers: readonly Layer[]) {
  const { x, y, layout } = plane;
  const ceiling = ceilingOf(plane, layers);
  if (ceiling === null) return [];
  const left = Math.max(x[0], ceiling - NEAR_CEILING);
  return [
    Plot.rect([0], { x1: left, x2: x[1], y1: y[0], y2: y[1], fill: colour("ceiling"), className: "ceiling" }),
    markAt((scales, document) => {
      const group = svgElement(document, "g", { class: "ceiling-label aside" });
      if (layout === "one") {
        group.append(
          richText(document, `within ${short(NEAR_CEILING)} bit of the estimator’s ceiling, ${short(ceiling)}`, {
            transform: `translate(${scales.x(x[1]) - 8},${scales.y(y[0]) - 8}) rotate(-90)`,
            "text-anchor": "start",
            "font-size": 11,
            fill: colour("muted"),
          }),
        );
      }
      return group;
    }),
  ];
}

/** H(X) and I(X;Y): no point can lie beyond. */
function boundRules({ problem, x, y }: Plane) {
  const style = { stroke: colour("ink"), strokeOpacity: 0.55, strokeWidth: 0.7 };
  return [
    ...(problem?.hxBits == null ? [] : [Plot.ruleX([problem.hxBits], { ...style, y1: y[0], y2: y[1] })]),
    ...(problem?.ixyBits == null ? [] : [Plot.ruleY([problem.ixyBits], { ...style, x1: x[0], x2: x[1] })]),
  ];
}

function boundLabels({ problem, y, layout }: Plane) {
  return markAt((scales, document, { marginLeft, marginRight, width }) => {
    const group = svgElement(document, "g", {
      class: "bounds",
      "font-size": layout === "one" ? 12 : 10,
      "text-anchor": "start",
      fill: colour("muted"),
    });
    if (problem?.ixyBits != null) {
      group.append(richText(document, `I(X;Y) = ${short(problem.ixyBits)}`, {
        x: marginLeft + 4,
        y: scales.y(problem.ixyBits) - 4,
      }));
    }
    if (problem?.hxBits != null) {
      group.append(richText(document, `H(X) = ${short(problem.hxBits)}`, {
        x: Math.min(width - marginRight, scales.x(problem.hxBits) + 8),
        y: scales.y(y[1]) - 5,
        "text-anchor": "end",
      }));
    }
    return group;
  });
}

/** The bottleneck bound, and the region above it that no representation reaches. */
function boundCurve({ x, y }: Plane, figure: Figure) {
  const curve = figure.viewOptions?.curve;
  if (!Array.isArray(curve) || curve.length < 2) return [];
  const points = (curve as [number, number][]).map(([ixt, ity]) => ({ epoch: 0, ixt, ity }));
  return [markAt((scales, document) => {
    const group = svgElement(document, "g", { class: "bound", fill: "none" });
    const hatch = svgElement(document, "pattern", {
      id: "hatch",
      width: 6,
      height: 6,
      patternUnits: "userSpaceOnUse",
      patternTransform: "rotate(45)",
    });
    hatch.append(svgElement(document, "path", { d: "M0 0V6", stroke: colour("hairline") }));
    const line = polyline(points, scales);
    const [left, top] = [scales.x(x[0]), scales.y(y[1])].map((at) => Math.round(at * 100) / 100);
    group.append(
      hatch,
      svgElement(document, "path", { d: `${line}V${top}H${left}Z`, fill: `url(#hatch)` }),
      svgElement(document, "path", { d: line, stroke: colour("ink"), "stroke-width": 1 }),
    );
    return group;
  })];
}

/** A path of straight pieces in hundredths of a pixel, by differences: short, and the rounding does not add up. */
function polyline(points: readonly Point[], scales: Scales): string {
  let [px, py] = [0, 0];
  return points.map(({ ixt, ity }, i) => {
    const [cx, cy] = [Math.round(scales.x(ixt) * 100), Math.round(scales.y(ity) * 100)];
    const step = `${i === 0 ? "M" : "l"}${pair(cx - px, cy - py)}`;
    [px, py] = [cx, cy];
    return step;
  }).join("");
}

/** Snapshots of a layer, one path an epoch. */
function dots(layer: Layer, plane: Plane, size: number) {
  const byEpoch = grouped([...layer.nets.values()].flat(), ({ epoch }) => epoch);
  return markAt((scales, document) => {
    const group = svgElement(document, "g", {
      class: "snapshots",
      "data-layer": layer.number,
      fill: "none",
      "stroke-linecap": "round",
      "stroke-width": size,
    });
    for (const epoch of plane.epochs.filter((epoch) => byEpoch.has(epoch))) {
      let [px, py] = [0, 0];
      const d = byEpoch.get(epoch)!.map(({ ixt, ity }) => {
        const [cx, cy] = [Math.round(scales.x(ixt) * 100), Math.round(scales.y(ity) * 100)];
        const step = `m${pair(cx - px, cy - py)}h0`;
        [px, py] = [cx, cy];
        return step;
      }).join("");
      const stroke = epochColour(epoch, plane.lastEpoch);
      group.append(svgElement(document, "path", { class: "dots", "data-epoch": epoch, d, stroke }));
    }
    return group;
  });
}

/** Two hundredths as the shortest text of a path. */
function pair(x: number, y: number): string {
  const [a, b] = [hundredths(x), hundredths(y)];
  return b.startsWith("-") ? a + b : `${a} ${b}`;
}

function hundredths(value: number): string {
  return String(value / 100).replace(/^(-?)0\./, "$1.");
}

function niceTicks([low, high]: readonly [number, number], about: number): number[] {
  const span = high - low;
  const power = 10 ** Math.floor(Math.log10(span / about));
  const step = [1, 2, 2.5, 4, 5, 10].map((factor) => factor * power).reduce((best, step) =>
    Math.abs(span / step - about) < Math.abs(span / best - about) ? step : best
  );
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}
