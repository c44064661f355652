import type { Figure, ProblemFacts } from "../../core/contracts/bundle.ts";
import type { Row } from "../../core/contracts/rows.ts";

/** What a figure is drawn from. */
export interface FigureData {
  /** The figure. */
  readonly figure: Figure;
  /** Every row of its table. */
  readonly rows: readonly Row[];
  /** Facts of the datasets and nets. */
  readonly problems?: readonly ProblemFacts[];
  /** Makes ids unique on a page. Default: the figure's id. */
  readonly prefix?: string;
  /** Last epoch of the ramp, so that all figures of a page share one legend. Default: the last drawn. */
  readonly lastEpoch?: number;
}

/** One small multiple: an SVG of its own, so that a page can arrange it to its width. */
export interface Panel {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  /** What sets it apart from its neighbours; empty for a figure of one panel. */
  readonly label: string;
  /** Value of the control under which it shows. */
  readonly choice?: string;
}

/** An entry of a legend. */
export interface LegendEntry {
  readonly label: string;
  readonly colour: string;
  readonly symbol: string;
}

/** A figure drawn. */
export interface Drawing {
  /** In reading order; none if there is nothing to draw. */
  readonly panels: readonly Panel[];
  /** How many panels stand side by side where there is room. */
  readonly across: number;
  /** Epochs that carry the colour ramp, if one does. */
  readonly epochs?: readonly number[];
  /** Where that ramp ends. */
  readonly lastEpoch?: number;
  /** Layers that the reader can single out. */
  readonly layers?: readonly { readonly number: number; readonly text: string }[];
  /** Colours that need naming. */
  readonly legend?: { readonly title: string; readonly entries: readonly LegendEntry[] };
  /** Column whose values the reader chooses among. */
  readonly choice?: { readonly column: string; readonly kind: "slider" | "choice"; readonly values: readonly string[] };
  /** What the reader must know and the caption cannot: what was left out. */
  readonly notes: readonly string[];
  /** Why there is nothing to see; absent if there is. */
  readonly empty?: string;
}

/** A figure that has nothing to show and says why. */
export function emptyDrawing(reason: string): Drawing {
  return { panels: [], across: 1, notes: [], empty: reason };
}
