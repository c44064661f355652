/** One number of the benchmark. */
export interface Figure {
  /** Stable name: `step.small.ms`. */
  readonly id: string;
  /** What it is, in words. */
  readonly name: string;
  readonly value: number;
  /** `ms`, `s`, `×` for a ratio of times, `G/s` for 10⁹ operations a second, `MiB`, `1` for a share. */
  readonly unit: "ms" | "s" | "×" | "R" | "G/s" | "MiB" | "1";
  /** What must hold, if anything must. */
  readonly must?: Bound;
  /** What is aimed at, beyond what must hold. */
  readonly aim?: Bound;
}

/** A side of a number on which the figure must lie. */
export interface Bound {
  readonly relation: "<=" | ">=";
  readonly bound: number;
}

/** True if the number keeps the bound. */
export function keeps(value: number, { relation, bound }: Bound): boolean {
  return relation === "<=" ? value <= bound : value >= bound;
}

/** A time. */
export function ms(id: string, name: string, value: number): Figure {
  return { id, name, value, unit: "ms" };
}

/** How many times longer the other took. */
export function times(id: string, name: string, value: number, must?: number, aim?: number): Figure {
  const least = (bound?: number): Bound | undefined => bound === undefined ? undefined : { relation: ">=", bound };
  return { id, name, value, unit: "×", must: least(must), aim: least(aim) };
}
