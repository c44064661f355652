import { type Config, defineConfig } from "@infoplane/core";

const config: Config = defineConfig({
  plugins: ["jsr:@infoplane/plugins@^0.1.0"],
  studies: ["./reports/weight-decay/study.ts"],
  site: {
    name: "my-reports",
    title: "What do our nets learn, in bits?",
  },
});
export default config;
