import type { Context } from "../contracts/context.ts";

/** Steps between two looks at the validation part: first few, as few rows are soon learnt by heart, then many. */
const BETWEEN = { first: 10, later: 50 };
/** Steps from which looks are rarer. */
const LATER = 100;
/** Steps without a lower loss after which training ends. */
const PATIENCE = 300;
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
 * Trains for at most so many steps and returns to the parameters with the lowest validation loss, those at the start among them
 * (Prechelt 1998). The loss is looked at every ten steps up to 100, then every 50; 300 steps without a lower one end the training.
 *
 * @param ctx Hears of progress every ten steps; its signal ends the training with its reason.
 * @returns Steps made up to the parameters returned to.
 */
export async function stopEarly(net: Stoppable, steps: number, ctx: Context): Promise<number> {
  let best = net.validate();
  let at = 0;
  net.keep();
  for (let made = 1; made <= steps && made - at <= PATIENCE; made++) {
    net.step();
    if (made % SAYS === 0) {
      await ctx.progress(made / steps);
      if (ctx.signal.aborted) throw ctx.signal.reason;
    }
    if (made % (made < LATER ? BETWEEN.first : BETWEEN.later) !== 0 && made !== steps) continue;
    const loss = net.validate();
    if (loss < best) {
      [best, at] = [loss, made];
      net.keep();
    }
  }
  net.restore();
  return at;
}
