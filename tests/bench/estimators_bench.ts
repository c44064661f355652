import { type Figure, ms, times } from "./figure.ts";
import { ksgMilliseconds } from "./ksg_bench.ts";
import { pairBoundsMilliseconds, widePairBounds } from "./pair_bounds_bench.ts";
import { rates } from "./peak.ts";
import { runPeer } from "./peers.ts";
import { eigenvaluesMilliseconds } from "./renyi_bench.ts";

/** Estimators but binning on layers of the usual size, and other programs beside them if asked for. */
export async function estimatorFigures(peers: boolean): Promise<{ figures: Figure[]; skipped: string[] }> {
  const [bounds, ksg, eigenvalues] = [
    await pairBoundsMilliseconds(),
    await ksgMilliseconds(),
    await eigenvaluesMilliseconds(),
  ];
  const figures = [
    ms("pairs.ms", "pair bounds, both sides, both informations, 4096 × 10", bounds),
    ...await widePairFigures(),
    ms("ksg.ms", "KSG 1 of 4096 pairs of two columns each", ksg),
    ms("eigenvalues.ms", "eigenvalues of a kernel matrix of 2000 rows", eigenvalues),
  ];
  if (!peers) return { figures, skipped: [] };
  const skipped: string[] = [];
  const beside = async (script: string, of: (said: { readonly [name: string]: unknown }) => Figure[]) => {
    const said = await runPeer(script);
    if ("absent" in said) skipped.push(`${script}: ${said.absent}`);
    else figures.push(...of(said));
  };
  await beside("pair_bounds.py", ({ scipy, numpy }) => [
    times("pairs.scipy", "SciPy's logsumexp / ours, pair bounds", Number(scipy) / bounds, 20),
    times("pairs.numpy", "lean NumPy / ours, pair bounds", Number(numpy) / bounds, 1),
  ]);
  await beside("ksg.py", ({ peer, ms }) => [times("ksg.peer", `${peer} / ours, KSG`, Number(ms) / ksg, 1)]);
  await beside("renyi.py", ({ peer, ms }) => [
    times("eigenvalues.peer", `${peer}, one thread / ours, eigenvalues`, Number(ms) / eigenvalues, 0.25),
  ]);
  return { figures, skipped };
}

/** The widest layer that a study of images may have, and its squared differences against the best rate of multiply-adds. */
async function widePairFigures(): Promise<Figure[]> {
  const { seconds, differences } = await widePairBounds();
  const { multiplyAdds } = await rates();
  return [
    {
      ...{ id: "pairs.wide.s", name: "pair bounds, both rulers, 2000 × 5000, ten labels", value: seconds, unit: "s" },
      aim: { relation: "<=", bound: 4 },
    },
    {
      ...{ id: "pairs.wide.share", name: "its squared differences / best rate", unit: "1" },
      ...{ value: differences / seconds / multiplyAdds, must: { relation: ">=", bound: 0.15 } },
      aim: { relation: ">=", bound: 0.3 },
    },
  ];
}
