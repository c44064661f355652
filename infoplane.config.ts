import { type Config, defineConfig } from "@infoplane/core";

const config: Config = defineConfig({
  plugins: ["./plugins/mod.ts"],
  studies: [
    "./reports/information-plane/study.ts",
    "./reports/calibration/study.ts",
    "./reports/estimators/study.ts",
    "./reports/gradient-phases/study.ts",
    "./reports/batch-size/study.ts",
    "./reports/rate-per-depth/study.ts",
    "./reports/hidden-layers/study.ts",
    "./reports/relu/study.ts",
  ],
});
export default config;
