import * as Plot from "@observablehq/plot";
import type { Figure, Mark, Scale } from "../../core/contracts/bundle.ts";
import type { Cell, Row } from "../../core/contracts/rows.ts";
import { isColumn, type Look, looksOf, valueWords } from "./colours.ts";
import { finish, newDocument, svgElement, type SvgNode } from "./document.ts";
import { type Drawing, emptyDrawing, type FigureData, type LegendEntry, type Panel } from "./drawing.ts";
import { epochTicks, thinEpochs } from "./epochs.ts";
import { axisTitle, bottomAxis, leftAxis, markAt, richText } from "./furniture.ts";
import { drawInformationPlane } from "./information_plane.ts";
import { areaMark } from "./marks/area.ts";
import { barMark } from "./marks/bar.ts";
import type { MarkContext } from "./marks/context.ts";
import { dotMark } from "./marks/dot.ts";
import { lineMark } from "./marks/line.ts";
import { rectMark } from "./marks/rect.ts";
import { ruleMark } from "./marks/rule.ts";
import { textMark } from "./marks/text.ts";
import { distinct, grouped, matching, whereWords } from "./rows.ts";
import { settingWords, short } from "./words.ts";

const DRAW: { readonly [kind in Mark["mark"]]: (context: MarkContext) => Plot.Markish[] } = {
  dot: dotMark,
  line: lineMark,
  "rule-x": ruleMark,
  "rule-y": ruleMark,
  "area-y": areaMark,
  "bar-y": barMark,
  text: textMark,
  rect: rectMark,
};

const SINGLE = { width: 760, height: 430, marginTop: 40, marginRight: 16, marginBottom: 52, marginLeft: 58 };
const SMALL = { width: 348, height: 290, marginTop: 52, marginRight: 14, marginBottom: 48, marginLeft: 52 };
/** Panels one above another, each with a scale of its own. */
const STACKED = { width: 760, height: 210, marginTop: 28, marginRight: 16, marginBottom: 44, marginLeft: 58 };
/** Room at the right for the names of lines. */
const NAMES = 92;
/** Width of a letter of a tick, height of a line of them, and what is left for the marks beside them, in pixels. */
const [LETTER, LINE, LEAST_PLOT] = [5.8, 15, 180];
/** Lines named at their ends rather than in a legend. */
const MOST_NAMES = 6;

/** Draws a figure of a bundle: the one way from figure data to SVG. */
export function drawFigure(data: FigureData): Drawing {
  const { figure } = data;
  try {
    if (figure.view === "information-plane") return drawInformationPlane(data);
    return figure.view === undefined
      ? drawMarks(data)
      : emptyDrawing(`this version of the site does not know the view ${figure.view}`);
  } catch (error) {
    // A figure of a stranger's analysis must not keep the page from being built.
    return emptyDrawing((error as Error).message);
  }
}

function drawMarks({ figure, rows: all, problems = [], prefix = figure.id, lastEpoch }: FigureData): Drawing {
  const marks = figure.marks ?? [];
  if (marks.length === 0) return emptyDrawing("it has no marks");
  const unknown = marks.find(({ mark }) => !(mark in DRAW));
  if (unknown) return emptyDrawing(`this version of the site does not know the mark ${unknown.mark}`);
  const asked = matching(all, figure.where);
  if (asked.length === 0) {
    const where = whereWords(figure.where);
    return emptyDrawing(`the table ${figure.table} has no row${where && ` with ${where}`}`);
  }
  requireColumns(marks, asked[0]);
  const notes: string[] = [];
  // Rows that no mark draws make no panels.
  const ofRows = marks.filter(({ values }) => values === undefined);
  const marked = new Set(ofRows.flatMap(({ where }) => matching(asked, where)));
  const rows = drawable(figure, ofRows.length === 0 ? asked : asked.filter((row) => marked.has(row)), notes);
  if (rows.length === 0) {
    const reasons = distinct(asked.map(({ reason }) => reason ?? null)).filter((reason) => reason !== null).slice(0, 3);
    return emptyDrawing(
      `none of ${short(asked.length, 9)} rows has a value to draw${
        reasons.length > 0 ? `: ${reasons.join("; ")}` : ""
      }`,
    );
  }
  const looks = looksOf(figure, rows, problems, lastEpoch);
  const control = figure.controls?.find(({ column }) => isColumn(column, rows) && column !== "epoch");
  const choices = control ? ordered(rows.map((row) => row[control.column])) : [null];
  const fx = marks.find((mark) => isColumn(mark.fx, rows))?.fx;
  const fy = marks.find((mark) => isColumn(mark.fy, rows))?.fy;
  const columns = fx ? ordered(rows.map((row) => row[fx])) : [null];
  const lines = fy ? ordered(rows.map((row) => row[fy])) : [null];
  const single = columns.length * lines.length === 1;
  const stacked = fy !== undefined && fx === undefined && figure.scales?.y?.apart === true;
  const scales = sharedScales(figure, rows, looks);
  const scalesOf = new Map(lines.map((line) => {
    if (!stacked) return [line, scales];
    const { y, yTicks } = sharedScales(figure, rows.filter((row) => row[fy] === line), looks);
    return [line, { ...scales, y, yTicks }];
  }));
  const named = single ? namedLines(figure, rows, looks) : undefined;
  const panels: Panel[] = [];
  for (const choice of choices) {
    for (const line of lines) {
      for (const column of columns) {
        const there = rows.filter((row) =>
          (choice === null || row[control!.column] === choice) && (line === null || row[fy!] === line) &&
          (column === null || row[fx!] === column)
        );
        const label = [column === null ? "" : valueWords(fx!, column), line === null ? "" : valueWords(fy!, line)]
          .filter(Boolean).join(", ");
        panels.push({
          ...drawPanel({
            figure,
            rows: there,
            looks,
            scales: scalesOf.get(line)!,
            frame: single ? SINGLE : stacked ? STACKED : SMALL,
            titled: !stacked,
            label,
            named,
            estimator: estimatorOf(rows),
            prefix: `${prefix}-${panels.length + 1}`,
          }),
          ...(choice === null ? {} : { choice: valueWords(control!.column, choice) }),
        });
      }
    }
  }
  const [first] = [...looks].filter(([, look]) => look.entries.length > 1);
  const epochs = [...looks].some(([, { scheme }]) => scheme === "epoch");
  const drawnEpochs = epochs
    ? thinEpochs(distinct(rows.map(({ epoch }) => Number(epoch))).filter(Number.isFinite))
    : [];
  return {
    panels,
    across: single || stacked
      ? 1
      : Math.min(columns.length === 1 ? lines.length : columns.length, columns.length === 4 ? 2 : 3),
    notes,
    ...(control
      ? {
        choice: {
          column: control.column,
          kind: control.kind,
          values: choices.map((value) => valueWords(control.column, value)),
        },
      }
      : {}),
    ...(first && !named && first[0] !== fx
      ? { legend: { title: first[0].replaceAll("_", " "), entries: first[1].entries } }
      : {}),
    ...(drawnEpochs.length > 0
      ? { epochs: drawnEpochs, lastEpoch: lastEpoch ?? drawnEpochs[drawnEpochs.length - 1] }
      : {}),
  };
}

const COLUMNS = ["x", "y", "x2", "y2", "z", "fx", "fy", "text", "title"] as const;

/** @throws {TypeError} If a channel that is always a column names none. */
function requireColumns(marks: readonly Mark[], row: Row): void {
  for (const mark of marks) {
    const channel = COLUMNS.find((channel) => mark[channel] !== undefined && !(mark[channel] in row));
    if (channel === undefined) continue;
    throw new TypeError(
      `Cannot draw the mark "${mark.mark}" as its ${channel} must be a column: there is no "${mark[channel]}" among ${
        Object.keys(row).join(", ")
      }`,
    );
  }
}

/** Rows with a value in every channel that some mark needs; a logarithm cannot take what is not positive. */
function drawable(figure: Figure, rows: readonly Row[], notes: string[]): readonly Row[] {
  const marks = (figure.marks ?? []).filter(({ values }) => !values);
  const columns = (channel: "x" | "y") =>
    distinct(marks.map((mark) => mark[channel])).filter((name) => isColumn(name, rows));
  const kept = rows.filter((row) =>
    (["x", "y"] as const).every((channel) => {
      const names = columns(channel);
      return names.length === 0 || names.some((name) => row[name!] !== null && row[name!] !== undefined);
    })
  );
  if (kept.length < rows.length) {
    notes.push(`${short(rows.length - kept.length, 9)} rows have no value and are not drawn.`);
  }
  const below = kept.filter((row) =>
    (["x", "y"] as const).some((channel) =>
      figure.scales?.[channel]?.type === "log" &&
      columns(channel).some((name) => name !== "epoch" && row[name!] !== null && Number(row[name!]) <= 0)
    )
  );
  if (below.length === 0) return kept;
  notes.push(`${short(below.length, 9)} rows are not positive and have no place on a logarithmic axis.`);
  const gone = new Set(below);
  return kept.filter((row) => !gone.has(row));
}

interface SharedScales {
  readonly x: Plot.ScaleOptions;
  readonly y: Plot.ScaleOptions;
  readonly xTicks: readonly (number | string)[] | number;
  readonly yTicks: readonly (number | string)[] | number;
  readonly bands: boolean;
}

/** Scales that every panel shares, with the extent of all rows. */
function sharedScales(figure: Figure, rows: readonly Row[], looks: ReadonlyMap<string, Look>): SharedScales {
  const bands = figure.marks!.some(({ mark }) => mark === "bar-y") || figure.scales?.x?.type === "ordinal";
  const xColumn = figure.marks!.find((mark) => isColumn(mark.x, rows))?.x;
  const yColumn = figure.marks!.find((mark) => isColumn(mark.y, rows))?.y;
  const x = bands
    ? {
      type: "band" as const,
      padding: 0.25,
      domain: figure.scales?.x?.domain ?? ordered(rows.map((row) => row[xColumn!])),
    }
    : scaleOptions(figure.scales?.x, xColumn);
  const y = scaleOptions(figure.scales?.y, yColumn);
  const probe = Plot.plot({
    document: newDocument(),
    ...SINGLE,
    x: x as Plot.ScaleOptions,
    y: { nice: true, ...y } as Plot.ScaleOptions,
    marks: figure.marks!.map((mark) => DRAW[mark.mark]({ mark, rows: matching(rows, mark.where), looks, bands })),
  } as Plot.PlotOptions);
  const domain = (name: "x" | "y") => probe.scale(name)?.domain as (number | string)[] | undefined;
  return {
    bands,
    x: { ...x, domain: domain("x") } as Plot.ScaleOptions,
    y: { ...y, domain: domain("y") } as Plot.ScaleOptions,
    xTicks: ticksOf(x.type as string, domain("x") ?? [], xColumn, bands),
    yTicks: ticksOf(y.type as string, domain("y") ?? [], yColumn, false),
  };
}

function scaleOptions(
  scale: Scale | undefined,
  column: string | undefined,
): { type?: string; [option: string]: unknown } {
  const domain = scale?.domain ? { domain: scale.domain } : {};
  if (scale?.type === "log" && column === "epoch") return { type: "symlog", constant: 1, ...domain };
  return { ...(scale?.type && scale.type !== "ordinal" ? { type: scale.type } : {}), ...domain };
}

function ticksOf(
  type: string | undefined,
  domain: readonly (number | string)[],
  column: string | undefined,
  bands: boolean,
): readonly (number | string)[] | number {
  if (bands) return domain;
  const high = Number(domain[domain.length - 1]);
  if (type === "symlog" && column === "epoch") return epochTicks(high).filter((tick) => tick >= Number(domain[0]));
  if (type === "symlog") {
    const powers = Array.from({ length: 16 }, (_, power) => 10 ** power);
    return [...powers.toReversed().map((power) => -power), 0, ...powers].filter((tick) =>
      tick >= Number(domain[0]) && tick <= high
    );
  }
  if (type === "log") {
    const low = Math.log10(Number(domain[0]));
    const powers = Array.from({ length: 40 }, (_, i) => Math.ceil(low) + i).filter((power) =>
      power <= Math.log10(high)
    );
    if (powers.length > 2) return powers.map((power) => 10 ** power);
  }
  if (column === "layer") {
    return Array.from(
      { length: Math.floor(high) - Math.ceil(Number(domain[0])) + 1 },
      (_, i) => Math.ceil(Number(domain[0])) + i,
    );
  }
  return 5;
}

function drawPanel({ figure, rows, looks, scales, frame: room, titled, label, named, estimator, prefix }: {
  readonly figure: Figure;
  readonly rows: readonly Row[];
  readonly looks: ReadonlyMap<string, Look>;
  readonly scales: SharedScales;
  readonly frame: typeof SINGLE;
  /** Whether the vertical axis has a title; otherwise the panel's label is its title. */
  readonly titled: boolean;
  readonly label: string;
  readonly named: readonly NamedLine[] | undefined;
  readonly estimator: string;
  readonly prefix: string;
}): Panel {
  const base = roomFor(scales.y.domain, room);
  const frame = named ? { ...base, marginRight: NAMES } : base;
  const { bands } = scales;
  const titles = {
    x: figure.scales?.x?.label ?? figure.marks!.find(({ x }) => x)?.x?.replaceAll("_", " ") ?? "",
    y: figure.scales?.y?.label ?? figure.marks!.find(({ y }) => y)?.y?.replaceAll("_", " ") ?? "",
  };
  const svg = Plot.plot({
    document: newDocument(),
    ...frame,
    x: { ...scales.x, axis: null },
    y: { ...scales.y, axis: null },
    marks: [
      ...(scales.x.domain ? [bottomAxis({ ticks: scales.xTicks })] : []),
      ...(scales.y.domain ? [leftAxis({ ticks: scales.yTicks })] : []),
      ...figure.marks!.map((mark) => {
        const there = matching(rows, mark.where);
        return there.length === 0 && !mark.values ? [] : DRAW[mark.mark]({ mark, rows: there, looks, bands });
      }),
      markAt((_scales, document, { width, height, marginRight }) => {
        const group = svgElement(document, "g", { class: "titles", "text-anchor": "start" });
        const up = label ? 34 : 14;
        if (label) {
          group.append(
            richText(document, label, { class: "layer-label", x: 4, y: 14, "font-size": 13, "font-weight": 600 }),
          );
        }
        group.append(
          ...(titled
            ? [axisTitle(document, ...splitTitle(titles.y, estimator), { class: "axis-title up", x: 4, y: up })]
            : []),
          axisTitle(document, ...splitTitle(titles.x, estimator), {
            class: "axis-title across",
            x: width - marginRight,
            y: height - 8,
            "text-anchor": "end",
          }),
        );
        return group;
      }),
      ...(named ? [lineNames(named)] : []),
    ],
  } as Plot.PlotOptions);
  return {
    svg: finish(svg as unknown as SvgNode, { prefix, label: [figure.alt, label].filter(Boolean).join(" ") }),
    width: frame.width,
    height: frame.height,
    label,
  };
}

/** A frame with a line for each word up an axis, and room for the words at its left. */
function roomFor(up: Iterable<unknown> | undefined, frame: typeof SINGLE): typeof SINGLE {
  const words = [...up ?? []].filter((value) => typeof value === "string");
  if (words.length === 0) return frame;
  const { width, height, marginTop, marginBottom } = frame;
  const marginLeft = words.reduce((most, { length }) => Math.max(most, length), 0) * LETTER + 14;
  return {
    ...frame,
    marginLeft,
    width: Math.max(width, marginLeft + frame.marginRight + LEAST_PLOT),
    height: Math.max(height, marginTop + marginBottom + LINE * words.length),
  };
}

/** How the rows were measured; empty where they are no estimates. */
function estimatorOf(rows: readonly Row[]): string {
  const settings = rows.flatMap(({ estimator, setting }) =>
    typeof estimator === "string" ? settingWords(estimator, String(setting ?? "")) : []
  );
  const found = distinct(settings);
  return found.length > 3 ? `${found.length} settings of estimators` : found.join(" or ");
}

/** The quantity and its unit, and how it was found: bits never stand without their estimator. */
function splitTitle(title: string, estimator: string): [string, string] {
  const [quantity, unit, ...how] = title.split(/(?<=,) (?![^[]*\])/);
  if (how.length > 0) return [`${quantity} ${unit}`.replace(/,$/, ""), `, ${how.join(" ")}`];
  return [title, estimator && /\bbits?$/.test(title) ? `, ${estimator}` : ""];
}

interface NamedLine extends LegendEntry {
  readonly x: number;
  readonly y: number;
}

/** Ends of lines that are few enough to be named there, one line a colour. */
function namedLines(figure: Figure, rows: readonly Row[], looks: ReadonlyMap<string, Look>): NamedLine[] | undefined {
  const mark = figure.marks!.find(({ mark }) => mark === "line");
  const look = mark && isColumn(mark.stroke, rows) ? looks.get(mark.stroke) : undefined;
  if (!mark || !look || look.entries.length < 2 || look.entries.length > MOST_NAMES) return undefined;
  if (mark.z !== undefined && mark.z !== mark.stroke) return undefined;
  const groups = grouped(matching(rows, mark.where).filter((row) => row[mark.y!] !== null), (row) => row[mark.stroke!]);
  return [...groups].map(([value, rows]) => {
    const last = rows.reduce((a, b) => Number(b[mark.x!]) >= Number(a[mark.x!]) ? b : a);
    const entry = look.entries.find(({ label }) => label === valueWords(mark.stroke!, value))!;
    return { ...entry, x: Number(last[mark.x!]), y: Number(last[mark.y!]) };
  });
}

function lineNames(lines: readonly NamedLine[]) {
  return markAt((scales, document) => {
    const group = svgElement(document, "g", { class: "line-names", "text-anchor": "start", "font-size": 12 });
    let above = -Infinity;
    for (const { label, x, y, colour: stroke } of [...lines].sort((a, b) => scales.y(a.y) - scales.y(b.y))) {
      const at = Math.max(scales.y(y), above + 15);
      above = at;
      const left = scales.x(x) + 9;
      group.append(
        svgElement(document, "path", { d: `M${left} ${at}h10`, stroke, "stroke-width": 3 }),
        richText(document, label, { x: left + 14, y: at + 4, fill: "currentColor" }),
      );
    }
    return group;
  });
}

function ordered(values: readonly (Cell | undefined)[]): Cell[] {
  const found = distinct(values.map((value) => value ?? null)).filter((value) => value !== null);
  return found.every((value) => typeof value === "number") ? found.map(Number).sort((a, b) => a - b) : found;
}
