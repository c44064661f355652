/** Tells how far work has come: a line rewritten in place on a terminal, a line every 30 s elsewhere. */
export interface Progress {
  /** @param done Nets trained and measured so far, of `total`; parts of nets count. */
  update(stage: string, done: number, total: number, note?: string): void;
  /** Ends the line. */
  end(): void;
  /** Writes a line of its own. */
  log(line: string): void;
}

const EVERY = { terminal: 100, elsewhere: 30_000 };

/** Progress on standard error. */
export function openProgress(quiet = false): Progress {
  const terminal = Deno.stderr.isTerminal();
  const encoder = new TextEncoder();
  const write = (text: string) => Deno.stderr.writeSync(encoder.encode(text));
  let stage = "";
  let started = 0;
  let base = 0;
  let shown = 0;
  let open = false;

  function clear(): void {
    if (open && terminal) write("\r\x1b[K");
    open = false;
  }

  return {
    update(name, done, total, note = "") {
      if (quiet) return;
      const now = performance.now();
      if (name !== stage) {
        stage = name;
        started = now;
        base = done;
        shown = terminal ? 0 : now - EVERY.elsewhere + 5000;
      }
      if (now - shown < (terminal ? EVERY.terminal : EVERY.elsewhere) && done < total) return;
      if (done >= total && !terminal && now - started < 1000) return;
      shown = now;
      const seconds = (now - started) / 1000;
      const rate = (done - base) / Math.max(seconds, 1e-3);
      const left = rate > 0 ? duration((total - done) / rate) : "?";
      const share = total > 0 ? Math.floor(100 * done / total) : 100;
      const line = `${name} ${share} %${note ? ` · ${note}` : ""}${
        done < total ? ` · ${rateWords(rate)} · ${left} left` : ` · ${duration(seconds)}`
      }`;
      if (terminal) {
        write(`\r\x1b[K${line}`);
        open = true;
      } else write(`${line}\n`);
    },
    end() {
      if (open && terminal) write("\n");
      open = false;
    },
    log(line) {
      clear();
      write(`${line}\n`);
    },
  };
}

function rateWords(netsPerSecond: number): string {
  return netsPerSecond >= 1 ? `${netsPerSecond.toFixed(1)} nets/s` : `${(60 * netsPerSecond).toFixed(1)} nets/min`;
}

/** `42 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
}
