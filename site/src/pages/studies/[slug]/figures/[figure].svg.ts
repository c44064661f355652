import type { APIRoute } from "astro";
import { standaloneSvg } from "../../../../../../reports/figures/mod.ts";
import { allStudies, type DrawnFigure } from "../../../../lib/studies.ts";

/** Every figure as a file of its own. */
export async function getStaticPaths() {
  return (await allStudies()).flatMap(({ slug, hero, figures }) =>
    [hero, ...figures].filter((drawn) => drawn !== undefined && drawn.drawing.panels.length > 0).map((drawn) => ({
      params: { slug, figure: drawn!.figure.id },
      props: { drawn },
    }))
  );
}

export const GET: APIRoute<{ drawn: DrawnFigure }> = ({ props }) =>
  new Response(standaloneSvg(props.drawn.drawing), { headers: { "content-type": "image/svg+xml" } });
