import type { Stream } from "../contracts/stream.ts";
import type { Tensor } from "../contracts/tensor.ts";
import { cosine, sine, symmetricChannelBits } from "../numerics/mod.ts";
import { drawRows } from "./rows.ts";
import type { LabelTruth, PairTruth } from "./truth.ts";

/** A curve that winds: the plane spiral, or a sheet rolled up, whose height carries nothing. */
export type Curve = "spiral" | "swiss-roll";

const TURN = 6.283185307179586;

/**
 * The spiral r = (1 + t)/2 wound `turns` times, t in [0, 1]: t can be read off r, so that the point tells what t tells.
 *
 * @param t Shape [n, 1], on [0, 1].
 * @param height Source of the third coordinate of a swiss roll, uniform on [0, 1].
 */
function onCurve(t: Tensor, curve: Curve, turns: number, height: Stream): Tensor {
  return drawRows(t.shape[0], curve === "spiral" ? 2 : 3, (row, i) => {
    const [radius, angle] = [(1 + t.data[i]) / 2, TURN * turns * t.data[i]];
    row[0] = radius * cosine(angle);
    row[1] = radius * sine(angle);
    if (curve === "swiss-roll") row[2] = height.uniform();
  });
}

/**
 * A truth of one variable X on [0, 1] with X put on a curve: the same information in two or three dimensions, where near points may have
 * far values.
 *
 * @param truth With X uniform on [0, 1] and one-dimensional, as `additiveUniform` has it.
 * @param turns How often the curve winds.
 */
export function embedded(truth: PairTruth, curve: Curve, turns = 2): PairTruth {
  return {
    ...truth,
    id: `${curve} turns=${turns} of ${truth.id}`,
    sample(n, stream) {
      const { x, y } = truth.sample(n, stream);
      return { x: onCurve(x, curve, turns, stream.child("height")), y };
    },
  };
}

/**
 * Points of a curve, labelled by which of `classes` equal arcs they lie on, seen through a symmetric channel of the given error.
 *
 * @param classes Arcs and labels, 2 to 255.
 * @param error Probability that the label is another, in [0, 1].
 * @param turns How often the curve winds.
 */
export function curveArcs(curve: Curve, classes: number, error: number, turns = 2): LabelTruth {
  return {
    kind: "labels",
    id: `${curve} arcs=${classes} error=${error} turns=${turns}`,
    bits: symmetricChannelBits(classes, error),
    classes,
    sample(n, stream) {
      const [signal, channel] = [stream.child("x"), stream.child("labels")];
      const t = drawRows(n, 1, (row) => row[0] = signal.uniform());
      const labels = Uint8Array.from(t.data, (value) => {
        const wrong = channel.uniform() < error;
        const other = channel.integer(classes - 1);
        return (Math.floor(value * classes) + (wrong ? 1 + other : 0)) % classes;
      });
      return { x: onCurve(t, curve, turns, stream.child("height")), labels };
    },
  };
}
