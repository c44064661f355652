/** Exit codes of the command line, and what a problem means to whoever called it. */
export const EXIT = {
  ok: 0,
  /** A result outside its tolerance, or a verdict changed. */
  differs: 1,
  /** Usage, options, unreadable or malformed input, unwritable store. */
  usage: 2,
  /** A plugin failed to load or to conform. */
  plugin: 3,
  /** Work failed or is missing, or `verify` found damage. */
  incomplete: 4,
  /** The environment differs under `--pinned`. */
  environment: 5,
  /** Nothing was planned or compared. */
  nothing: 6,
  /** Interrupted; the store can be resumed. */
  interrupted: 130,
} as const;

/**
 * A mistake or mishap that a user can understand and mend: its message is one line that says what was being done, what must
 * hold and what came instead. Printed without a stack.
 */
export class Problem extends Error {
  /** What the process exits with. */
  readonly exitCode: number;

  /**
   * A problem with its message.
   *
   * @param exitCode One of {@link EXIT}; 2 unless told.
   */
  constructor(message: string, exitCode: number = EXIT.usage, options?: ErrorOptions) {
    super(message, options);
    this.name = "Problem";
    this.exitCode = exitCode;
  }
}

/** Data that this machine lacks, with the command that gets them: a study of them is left out where all studies are asked for. */
export class MissingData extends Problem {
  /** Tells the class across processes. */
  readonly missing = true;
}
