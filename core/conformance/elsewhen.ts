/** Some day, an odd number of milliseconds: no round number of anything. */
const DAY = 86_413_577;

/**
 * Does work as if it were another day: who does not read the clock gives the same answer.
 *
 * @returns What the work gives; the clock is right again after it, whatever happens.
 */
export async function elsewhen<Result>(work: () => Promise<Result>): Promise<Result> {
  const kept = { Date: globalThis.Date, now: performance.now };
  class Later extends kept.Date {
    constructor(...given: unknown[]) {
      super(...(given.length === 0 ? [kept.Date.now() + DAY] : given) as [number]);
    }
    static override now(): number {
      return kept.Date.now() + DAY;
    }
  }
  globalThis.Date = Later as DateConstructor;
  performance.now = () => kept.now.call(performance) + DAY;
  try {
    return await work();
  } finally {
    globalThis.Date = kept.Date;
    performance.now = kept.now;
  }
}
