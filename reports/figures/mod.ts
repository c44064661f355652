/** From figure data to SVG: the one interpreter of a bundle's figures. */
export type { Drawing, FigureData, LegendEntry, Panel } from "./drawing.ts";
export { drawFigure } from "./figure.ts";
export { standaloneSvg } from "./standalone.ts";
export { drawThumbnail } from "./information_plane.ts";
export { drawIntervalStrip } from "./interval_strip.ts";
export { epochTicks, thinEpochs } from "./epochs.ts";
export { DARK, epochColour, LIGHT, themeCss, VERDICTS } from "./palette.ts";
export { drawSymbol } from "./symbol.ts";
export { lowered, runs, settingWords, short } from "./words.ts";
