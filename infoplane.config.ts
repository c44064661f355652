import { type Config, defineConfig } from "@infoplane/core";

const config: Config = defineConfig({
  plugins: ["./plugins/mod.ts"],
  studies: ["./reports/information-plane/study.ts", "./reports/calibration/study.ts", "./reports/estimators/study.ts"],
  site: { name: "Infoplane", title: "What do deep networks learn, in bits?" },
});
export default config;
