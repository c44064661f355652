import type { ProblemFacts, SeriesRow, StudyRows, TrialRow } from "@infoplane/core";
import { type PlantedNet, plantedRows } from "./planted.ts";

/** An arm whose series are known: for each net, what a quantity is at each layer and epoch. */
export interface PlantedArm {
  readonly role?: TrialRow["role"];
  /** I(X;T_k) and I(T_k;Y) of each net, if any; their number is the number of nets. */
  readonly estimates?: readonly PlantedNet[];
  readonly nets: number;
  /** Paths of each quantity in a net, layers 1…K; a path that is null has a row without a value. */
  readonly series: (
    replicate: number,
  ) => { readonly [quantity: string]: readonly (readonly number[] | null)[] | undefined };
}

/** The rows of a study of several arms, all with the same snapshots. */
export function plantedArms(arms: { readonly [arm: string]: PlantedArm }, epochs: readonly number[]): StudyRows {
  const parts = Object.entries(arms).map(([arm, { role = "variant", nets, estimates, series }]) => {
    const none = Array.from({ length: nets }, (): PlantedNet => ({ ixt: [], ity: [] }));
    const rows = plantedRows(estimates ?? none, { epochs, arm });
    const found = rows.trials.flatMap(({ trial, replicate, outcome }) => {
      if (outcome !== "done") return [];
      return Object.entries(series(replicate)).flatMap(([quantity, layers]) =>
        (layers ?? []).flatMap((path, k): SeriesRow[] => {
          const row = {
            trial,
            arm,
            axes: "{}",
            replicate,
            layer: k + 1,
            quantity,
            unit: "1",
            arithmetic: "portable" as const,
          };
          if (path === null) return [{ ...row, epoch: epochs[epochs.length - 1], value: null, reason: "planted" }];
          const from = epochs.length - path.length;
          return path.map((value, e) => ({ ...row, epoch: epochs[from + e], value, reason: null }));
        })
      );
    });
    const layers = ["a", "b", "c"].map((name) => ({ name, units: 2, activation: "tanh" }));
    const problems = rows.problems.map((problem): ProblemFacts => ({ ...problem, layers }));
    return { ...rows, problems, series: found, trials: rows.trials.map((trial) => ({ ...trial, role })) };
  });
  return {
    ...parts[0],
    trials: parts.flatMap(({ trials }) => trials),
    estimates: parts.flatMap(({ estimates }) => estimates),
    series: parts.flatMap(({ series }) => series),
    problems: parts.flatMap(({ problems }) => problems),
  };
}
