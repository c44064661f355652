import type { Context } from "../contracts/context.ts";

/** Steps between two looks at the validation part. */
const BETWEEN = 50;
/** Looks without a lower loss after which training ends. */
const PATIENCE = 6;
/** Steps between two words of progress. */
const SAYS = 10;

/** What is trained, as early stopping sees it. */
export interface Stoppable {
  /** Makes one update. */
  step(): void;
  /** Loss on the validation part; anything but a finite number counts as worse than all before. */
  validate(): number;
  /** Remembers the parameters. */
  keep(): void;
  /** Returns to the parameters remembered last. */
  restore(): void;
}

/**
 * Trains for at most so many steps and returns to the parameters with the lowest validation loss, those at the start among them;
 * ends early once six looks in a row, one every 50 steps, found none lower (Prechelt 1998).
 *
 * @param ctx Hears of progress every ten steps; its signal ends the training with its reason.
 * @returns Steps made up to the parameters returned to.
 */
export async function stopEarly(
  { step, validate, keep, restore }: Stoppable,
  steps: number,
  ctx: Context,
): Promise<number> {
  let best = validate();
  let at = 0;
  let worse = 0;
  keep();
  for (let made = 1; made <= steps && worse < PATIENCE; made++) {
    step();
    if (made % SAYS === 0) {
      await ctx.progress(made / steps);
      if (ctx.signal.aborted) throw ctx.signal.reason;
    }
    if (made % BETWEEN !== 0 && made !== steps) continue;
    const loss = validate();
    if (loss < best) {
      [best, at, worse] = [loss, made, 0];
      keep();
    } else worse++;
  }
  restore();
  return at;
}
