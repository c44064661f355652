import type { Stream } from "../contracts/stream.ts";

/**
 * A stream whose numbers are those of another.
 *
 * @param drawn Hears the path of every draw, from this stream or one below it.
 */
export function watched(stream: Stream, drawn: (path: Stream["path"]) => void): Stream {
  const told = <Args extends unknown[], Value>(draw: (...args: Args) => Value) => (...args: Args): Value => {
    drawn(stream.path);
    return draw(...args);
  };
  return {
    path: stream.path,
    child: (...names) => watched(stream.child(...names), drawn),
    bits: told(() => stream.bits()),
    uniform: told(() => stream.uniform()),
    integer: told((bound: number) => stream.integer(bound)),
    normal: told(() => stream.normal()),
  };
}
