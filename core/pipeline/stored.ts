import type { Store } from "../store/store.ts";
import { cellName, type Piece, piecesOf } from "./pieces.ts";
import type { Plan } from "./plan.ts";

/** How many of so many. */
export interface Share {
  readonly stored: number;
  readonly total: number;
}

/** What a plan consists of, and how much of it the store holds. */
export interface StoredShare {
  readonly study: string;
  readonly profile: string;
  readonly nets: Share;
  readonly measurements: Share;
  /** What analyses find in single nets. */
  readonly maps: Share;
  /** Weight updates that training the missing nets takes. */
  readonly updates: number;
  readonly arms: readonly { readonly arm: string; readonly epochs: number; readonly nets: Share }[];
}

/** Looks up every piece of a plan in the store; reads no blobs. */
export async function storedShare(plan: Plan, store: Store): Promise<StoredShare> {
  return shareOf(plan, await piecesOf(plan, store));
}

/** How much of a plan is stored, of its pieces. */
export function shareOf(plan: Plan, pieces: readonly Piece[]): StoredShare {
  const nets = pieces.filter(({ kind }) => kind === "trial");
  const arms = new Map<string, { epochs: number; pieces: Piece[] }>();
  for (const piece of nets) {
    const name = cellName(piece.cell);
    const arm = arms.get(name) ?? { epochs: piece.cell.training.epochs, pieces: [] };
    arms.set(name, arm);
    arm.pieces.push(piece);
  }
  const { study: { id: study }, profile } = plan;
  return {
    study,
    profile,
    nets: share(nets),
    measurements: share(pieces.filter(({ kind }) => kind === "measure")),
    maps: share(pieces.filter(({ kind }) => kind === "map")),
    updates: nets.reduce((sum, piece) => piece.found.entry ? sum : sum + updatesOf(piece), 0),
    arms: [...arms].map(([arm, { epochs, pieces }]) => ({ arm, epochs, nets: share(pieces) })),
  };
}

/** Weight updates that training a net takes. */
export function updatesOf({ cell: { training: { epochs, batch }, problem, recorded } }: Pick<Piece, "cell">): number {
  if (recorded) return 0;
  return epochs * (batch === "full" ? 1 : Math.ceil(problem.trainRows / batch));
}

function share(pieces: readonly Piece[]): Share {
  return { stored: pieces.filter(({ found }) => found.entry).length, total: pieces.length };
}
